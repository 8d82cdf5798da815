"""What codes are called, in the reader's language. hl7.org/fhir/R4/terminologies.html"""
