"""FHIR TestScripts run against a server: `python -m bench.testscript PATH --base URL`. hl7.org/fhir/R4/testscript.html

docs/reference/testscripts.md tells what is understood. What is not is told in words, and the script counts as not run:
a test that was passed over must never look like one that went well.
"""
