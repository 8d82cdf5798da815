-- Messages are shown to the patient who sent or gets them alone (fhir.release, rule `correspondence`): what is stored so.
UPDATE store.current c SET released = '9999-01-01 00:00:00+00'
FROM store.version v
WHERE c.type = 23 AND NOT c.deleted AND c.released IS NULL -- 23: Communication
    AND v.type = c.type AND v.id = c.id AND v.version = c.version
    AND NOT EXISTS (
        SELECT 1 FROM (SELECT convert_from(v.body, 'UTF8')::jsonb AS body) said
        WHERE body->'subject'->>'reference' IS NOT NULL AND (
            body->'sender'->>'reference' = body->'subject'->>'reference'
            OR EXISTS (
                SELECT 1 FROM jsonb_array_elements(coalesce(body->'recipient', '[]')) one
                WHERE one->>'reference' = body->'subject'->>'reference'
            )
        )
    );
