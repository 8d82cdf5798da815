"""Search: a query string becomes one SQL statement. One file per parameter type. hl7.org/fhir/R4/search.html"""
