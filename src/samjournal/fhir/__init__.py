"""Pure FHIR R4: definitions, parsing, structure, references, search values, dates. hl7.org/fhir/R4"""
