-- Least privilege below the program, and erasure by decision (docs/explanation/least-privilege.md). Who may do what with which
-- table is in db/rights.py, and is granted after the migrations: roles belong to the server, not to the database.

-- What needs the owner's rights, as functions that do nothing else. The application may call them.

-- The partition of one of the months ahead; false when it stands already.
CREATE FUNCTION store.make_month(parent text, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    starts date := date_trunc('month', month)::date;
    made text := parent || to_char(starts, '_YYYY_MM');
BEGIN
    IF parent IS NULL OR parent NOT IN ('audit.look', 'store.feed') THEN
        RAISE EXCEPTION '% has no months', parent USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF starts IS NULL OR starts NOT BETWEEN date_trunc('month', now() - interval '1 day')::date
            AND (date_trunc('month', now()) + interval '4 months')::date THEN
        RAISE EXCEPTION 'only this month and the four ahead are made' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF to_regclass(made) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %s PARTITION OF %s FOR VALUES FROM (%L) TO (%L)', made, parent,
        starts, (starts + interval '1 month')::date);
    RETURN true;
END $$;

-- Whether the token index gathers entries from now on.
CREATE FUNCTION store.gather(wanted boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE 'ALTER INDEX store.current_tokens SET (fastupdate = ' || CASE WHEN wanted THEN 'on' ELSE 'off' END || ')';
END $$;

-- Put gathered entries where they belong.
CREATE FUNCTION store.merge_gathered() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM gin_clean_pending_list(index::regclass)
    FROM unnest(ARRAY['store.current_tokens', 'store.text_words', 'store.display_words']) AS index;
END $$;

-- The key of a unit, by which rows name who is responsible for them.
ALTER TABLE access.unit ADD COLUMN key bigint;

-- What reports may read: numbers, never a patient, never a content.
CREATE SCHEMA reporting;
CREATE VIEW reporting.looks AS
SELECT (at AT TIME ZONE 'Europe/Oslo')::date AS day, organization AS unit, role, action, count(*) AS looks
FROM audit.look GROUP BY 1, 2, 3, 4;
CREATE VIEW reporting.resources AS
SELECT (ARRAY[
    'Account', 'ActivityDefinition', 'AdverseEvent', 'AllergyIntolerance', 'Appointment', 'AppointmentResponse',
    'AuditEvent', 'Basic', 'Binary', 'BiologicallyDerivedProduct', 'BodyStructure', 'Bundle',
    'CapabilityStatement', 'CarePlan', 'CareTeam', 'CatalogEntry', 'ChargeItem', 'ChargeItemDefinition',
    'Claim', 'ClaimResponse', 'ClinicalImpression', 'CodeSystem', 'Communication', 'CommunicationRequest',
    'CompartmentDefinition', 'Composition', 'ConceptMap', 'Condition', 'Consent', 'Contract', 'Coverage',
    'CoverageEligibilityRequest', 'CoverageEligibilityResponse', 'DetectedIssue', 'Device', 'DeviceDefinition',
    'DeviceMetric', 'DeviceRequest', 'DeviceUseStatement', 'DiagnosticReport', 'DocumentManifest',
    'DocumentReference', 'EffectEvidenceSynthesis', 'Encounter', 'Endpoint', 'EnrollmentRequest',
    'EnrollmentResponse', 'EpisodeOfCare', 'EventDefinition', 'Evidence', 'EvidenceVariable', 'ExampleScenario',
    'ExplanationOfBenefit', 'FamilyMemberHistory', 'Flag', 'Goal', 'GraphDefinition', 'Group',
    'GuidanceResponse', 'HealthcareService', 'ImagingStudy', 'Immunization', 'ImmunizationEvaluation',
    'ImmunizationRecommendation', 'ImplementationGuide', 'InsurancePlan', 'Invoice', 'Library', 'Linkage',
    'List', 'Location', 'Measure', 'MeasureReport', 'Media', 'Medication', 'MedicationAdministration',
    'MedicationDispense', 'MedicationKnowledge', 'MedicationRequest', 'MedicationStatement', 'MedicinalProduct',
    'MedicinalProductAuthorization', 'MedicinalProductContraindication', 'MedicinalProductIndication',
    'MedicinalProductIngredient', 'MedicinalProductInteraction', 'MedicinalProductManufactured',
    'MedicinalProductPackaged', 'MedicinalProductPharmaceutical', 'MedicinalProductUndesirableEffect',
    'MessageDefinition', 'MessageHeader', 'MolecularSequence', 'NamingSystem', 'NutritionOrder', 'Observation',
    'ObservationDefinition', 'OperationDefinition', 'OperationOutcome', 'Organization',
    'OrganizationAffiliation', 'Parameters', 'Patient', 'PaymentNotice', 'PaymentReconciliation', 'Person',
    'PlanDefinition', 'Practitioner', 'PractitionerRole', 'Procedure', 'Provenance', 'Questionnaire',
    'QuestionnaireResponse', 'RelatedPerson', 'RequestGroup', 'ResearchDefinition', 'ResearchElementDefinition',
    'ResearchStudy', 'ResearchSubject', 'RiskAssessment', 'RiskEvidenceSynthesis', 'Schedule',
    'SearchParameter', 'ServiceRequest', 'Slot', 'Specimen', 'SpecimenDefinition', 'StructureDefinition',
    'StructureMap', 'Subscription', 'Substance', 'SubstanceNucleicAcid', 'SubstancePolymer', 'SubstanceProtein',
    'SubstanceReferenceInformation', 'SubstanceSourceMaterial', 'SubstanceSpecification', 'SupplyDelivery',
    'SupplyRequest', 'Task', 'TerminologyCapabilities', 'TestReport', 'TestScript', 'ValueSet',
    'VerificationResult', 'VisionPrescription'
    ])[counted.type] AS type, unit.id AS owner, named.written AS owner_name, counted.resources
FROM (SELECT type, owner, count(*) AS resources FROM store.current WHERE NOT deleted GROUP BY type, owner) counted
LEFT JOIN access.unit unit ON unit.key = counted.owner
LEFT JOIN LATERAL (SELECT written FROM store.string WHERE type = 100 AND id = split_part(unit.id, '/', 2)
    AND param = -568376527414790597 LIMIT 1) named ON true;

-- The planner gains nothing from samples of contents, and statistics would keep what was erased.
ALTER TABLE store.version ALTER COLUMN body SET STATISTICS 0;
SELECT pg_clear_attribute_stats('store', 'version', 'body', false);
ALTER TABLE store.job ALTER COLUMN request SET STATISTICS 0, ALTER COLUMN body SET STATISTICS 0,
    ALTER COLUMN answer SET STATISTICS 0;
SELECT pg_clear_attribute_stats('store', 'job', name, false) FROM unnest(ARRAY['request', 'body', 'answer']) AS name;

-- Decisions to erase: proposed by one, confirmed by another, then carried out, in steps that may be repeated.
CREATE TABLE access.erasure (
    id           uuid PRIMARY KEY DEFAULT uuidv7(),
    type         text COLLATE "C" NOT NULL,
    resource     text COLLATE "C" NOT NULL,
    version      integer,                       -- NULL: the resource with all its versions
    everything   boolean NOT NULL DEFAULT false, -- a Patient, and all that lies under it
    patient      bigint,                        -- under whom it lies
    decision     text NOT NULL,                 -- where the decision is filed, such as 2026/4711-3
    proposed     timestamptz NOT NULL DEFAULT now(),
    proposed_by  text COLLATE "C" NOT NULL,
    role         text NOT NULL,
    organization text COLLATE "C" NOT NULL,
    deadline     timestamptz NOT NULL,          -- confirmed later it does not count
    confirmed    timestamptz,
    confirmed_by text COLLATE "C",
    done         timestamptz,
    CHECK ((confirmed IS NULL) = (confirmed_by IS NULL)),
    CHECK (confirmed_by <> proposed_by),
    CHECK (done IS NULL OR confirmed IS NOT NULL)
);

-- What was erased: that it was, by which decision, and the digest of what it said.
CREATE TABLE store.tombstone (
    type         smallint NOT NULL,
    id           text COLLATE "C" NOT NULL,
    version      integer NOT NULL,
    digest       bytea NOT NULL,                -- sha-256 of the bytes that stood there
    at           timestamptz NOT NULL DEFAULT now(),
    erasure      uuid NOT NULL REFERENCES access.erasure,
    decision     text NOT NULL,
    proposed_by  text COLLATE "C" NOT NULL,
    confirmed_by text COLLATE "C" NOT NULL,
    PRIMARY KEY (type, id, version)
);

-- Versions are made once. The one change that is let through, whoever asks for it: the bytes give way to a tombstone.
CREATE FUNCTION store.keep_versions() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.body IS NULL AND NEW.method = 'X' AND OLD.body IS NOT NULL
        AND (NEW.patient, NEW.owner, NEW.type, NEW.id, NEW.version, NEW.at, NEW.author)
            = (OLD.patient, OLD.owner, OLD.type, OLD.id, OLD.version, OLD.at, OLD.author)
        AND EXISTS (SELECT 1 FROM store.tombstone t JOIN access.erasure e ON e.id = t.erasure
            WHERE t.type = OLD.type AND t.id = OLD.id AND t.version = OLD.version
                AND t.digest = sha256(OLD.body) AND e.confirmed IS NOT NULL)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'versions are made once: only a confirmed erasure replaces one, by a tombstone'
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER keep_versions BEFORE UPDATE ON store.version FOR EACH ROW EXECUTE FUNCTION store.keep_versions();

-- Deleted resources of a patient, which an erasure of everything takes too.
CREATE INDEX current_deleted_of_patient ON store.current (patient) WHERE deleted;
