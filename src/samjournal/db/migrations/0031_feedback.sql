-- What citizens say about a page of the portal. It is about the page, not about anybody's health, and so no part of the
-- record: who said it is not kept, unless he wants an answer, and then only until he has it.
CREATE SCHEMA feedback;
CREATE TABLE feedback.remark (
    id         uuid PRIMARY KEY,
    at         timestamptz NOT NULL,
    due        timestamptz NOT NULL,          -- by then somebody has answered or closed it
    page       text COLLATE "C" NOT NULL,     -- as the table of routes has it, without ids: /portal/referrals/{id}
    version    text COLLATE "C" NOT NULL,     -- of the program
    language   text COLLATE "C" NOT NULL,
    words      text NOT NULL,                 -- '' when they were taken away, because they told of somebody's health
    asked_by   text COLLATE "C",              -- id of the patient who wants an answer; NULL when he has it
    wants      boolean NOT NULL,              -- he wanted one
    state      text NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
    handled    timestamptz,
    handled_by text COLLATE "C",              -- login
    said       text NOT NULL DEFAULT '',      -- why it was closed; an answer stands in the record, as a message
    CHECK ((state = 'open') = (handled IS NULL)),
    CHECK (asked_by IS NULL OR (wants AND state = 'open'))
);
CREATE INDEX remark_open ON feedback.remark (due) WHERE state = 'open';
CREATE INDEX remark_handled ON feedback.remark (handled) WHERE state <> 'open';
