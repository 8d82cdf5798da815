"""What users and groups are made of, as data: schemas, resource types and what this server can. RFC 7643

USER, GROUP                                 the resource types
attribute(type, path)                       what an attribute path means, in whatever case
published()                                 the Schemas, ResourceTypes and ServiceProviderConfig that are served
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from samjournal.access import ROLES

CORE_USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
STAFF: Final = "urn:samjournal:scim:1.0:Staff"
ROLE_AT_UNIT: Final = "urn:samjournal:scim:1.0:RoleAtUnit"
MOST: Final = 500
"""Resources in one answer, and operations in one Bulk."""
LARGEST: Final = 2**20


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as RFC 7643 section 7 describes it."""

    name: str
    description: str
    type: str = "string"
    multi: bool = False
    required: bool = False
    exact: bool = False
    mutability: str = "readWrite"
    returned: str = "default"
    uniqueness: str = "none"
    canonical: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    sub: tuple[Attribute, ...] = ()

    def part(self, name: str) -> Attribute | None:
        """A sub-attribute by its name, in whatever case."""
        return next((one for one in self.sub if one.name.lower() == name.lower()), None)

    def told(self) -> dict[str, Any]:
        """As it is published."""
        made: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "multiValued": self.multi,
            "description": self.description,
            "required": self.required,
            "mutability": self.mutability,
            "returned": self.returned,
        }
        if self.type in ("string", "reference"):
            made |= {"caseExact": self.exact, "uniqueness": self.uniqueness}
        if self.canonical:
            made["canonicalValues"] = list(self.canonical)
        if self.references:
            made["referenceTypes"] = list(self.references)
        if self.sub:
            made["subAttributes"] = [one.told() for one in self.sub]
        return made


def _values(what: str, kinds: tuple[str, ...]) -> tuple[Attribute, ...]:
    return (
        Attribute("value", what),
        Attribute("display", "A name for showing it."),
        Attribute("type", "What it is for.", canonical=kinds),
        Attribute("primary", "The one that is used first.", "boolean"),
    )


_UNIT = (
    Attribute("organizationId", "The unit, by the id of its Organization in this record.", exact=True),
    Attribute("organizationNumber", "The unit, by its organisation number. Given back as organizationId.", exact=True,
              mutability="writeOnly", returned="never"),
    Attribute("reshId", "The unit, by its RESH-id. Given back as organizationId.", exact=True,
              mutability="writeOnly", returned="never"),
    Attribute("herId", "The unit, by its HER-id. Given back as organizationId.", exact=True,
              mutability="writeOnly", returned="never"),
)  # fmt: skip
_CODES = tuple(code for code in ROLES if code != "citizen")
COMMON: Final = (
    Attribute("schemas", "Which schemas it is made of.", "reference", multi=True, required=True, exact=True,
              returned="always"),
    Attribute("id", "Ours, never given to anybody else.", exact=True, mutability="readOnly", returned="always",
              uniqueness="server"),
    Attribute("externalId", "The directory's own id.", exact=True),
    Attribute("meta", "About it.", "complex", mutability="readOnly", sub=(
        Attribute("resourceType", "User or Group.", exact=True, mutability="readOnly"),
        Attribute("created", "When it came.", "dateTime", mutability="readOnly"),
        Attribute("lastModified", "When it changed.", "dateTime", mutability="readOnly"),
        Attribute("location", "Its address.", "reference", exact=True, mutability="readOnly", references=("uri",)),
        Attribute("version", "Its ETag.", exact=True, mutability="readOnly"),
    )),
)  # fmt: skip
_USER = (
    Attribute("userName", "What the directory calls the person: unique, in whatever case.", required=True,
              uniqueness="server"),
    Attribute("name", "The person's name.", "complex", sub=(
        Attribute("formatted", "The whole name."),
        Attribute("familyName", "The family name."),
        Attribute("givenName", "The given name."),
        Attribute("middleName", "The middle name."),
        Attribute("honorificPrefix", "Before the name."),
        Attribute("honorificSuffix", "Behind the name."),
    )),
    Attribute("displayName", "A name for showing."),
    Attribute("title", "What the person is called at work: shown with what he writes."),
    Attribute("preferredLanguage", "The language of the pages."),
    Attribute("active", "Whether the person gets in. False: out at once, sessions and tokens too.", "boolean"),
    Attribute("emails", "E-mail at work.", "complex", multi=True, sub=_values("An address.", ("work", "other"))),
    Attribute("phoneNumbers", "Telephone at work.", "complex", multi=True,
              sub=_values("A number.", ("work", "mobile", "other"))),
    Attribute("groups", "The groups that the person is in: changed in the Group.", "complex", multi=True,
              mutability="readOnly", sub=(
        Attribute("value", "The id of the Group.", exact=True, mutability="readOnly"),
        Attribute("$ref", "Its address.", "reference", exact=True, mutability="readOnly", references=("Group",)),
        Attribute("display", "Its name.", mutability="readOnly"),
        Attribute("type", "Always direct.", mutability="readOnly", canonical=("direct",)),
    )),
    Attribute("roles", "The roles that the person can choose now, as code@unit. They follow from assignments and"
              " groups.", "complex", multi=True, mutability="readOnly", sub=(
        Attribute("value", "The code of the role and the id of the Organization: doctor@medisin-3.",
                  mutability="readOnly"),
        Attribute("display", "In words.", mutability="readOnly"),
        Attribute("type", "The code of the role.", mutability="readOnly"),
        Attribute("primary", "Never said.", "boolean", mutability="readOnly"),
    )),
)  # fmt: skip
_STAFF = (
    Attribute("hprNumber", "The number in Helsepersonellregisteret: unique.", exact=True, uniqueness="server"),
    Attribute("nationalIdentityNumber", "Birth number or D-number: how sign-in finds the person. Never given back.",
              exact=True, mutability="writeOnly", returned="never", uniqueness="server"),
    Attribute("atOnce", "What is taken away in this request is gone now, whatever the unit asks.", "boolean",
              mutability="writeOnly", returned="never"),
    Attribute("assignments", "Roles at units that are given to the person by name. What groups give comes beside.",
              "complex", multi=True, sub=(
        Attribute("code", "The role.", exact=True, canonical=_CODES),
        *_UNIT,
        Attribute("from", "From when; left out: at once.", "dateTime"),
        Attribute("until", "Until when; left out: nobody has said.", "dateTime"),
        Attribute("display", "In words.", mutability="readOnly"),
    )),
)  # fmt: skip
_GROUP = (
    Attribute("displayName", "The name of the group: unique, in whatever case. doctor@medisin-3 says role and unit by"
              " itself.", required=True, uniqueness="server"),
    Attribute("members", "The people in it, by the id of their User.", "complex", multi=True, sub=(
        Attribute("value", "The id of the User.", exact=True, mutability="immutable"),
        Attribute("$ref", "Its address.", "reference", exact=True, mutability="immutable", references=("User",)),
        Attribute("type", "Always User.", mutability="immutable", canonical=("User",)),
    )),
)  # fmt: skip
_ROLE_AT_UNIT = (Attribute("code", "The role that the group gives.", exact=True, canonical=_CODES), *_UNIT)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of resource: its schema, and one extension."""

    name: str
    endpoint: str
    schema: str
    description: str
    attributes: tuple[Attribute, ...]
    extension: str
    extended: tuple[Attribute, ...]

    def find(self, name: str, schema: str = "") -> Attribute | None:
        """A top attribute by its name and perhaps its schema, in whatever case."""
        among = (*COMMON, *self.attributes)
        if schema and schema.lower() == self.extension.lower():
            among = self.extended
        elif schema and schema.lower() != self.schema.lower():
            return None
        return next((one for one in among if one.name.lower() == name.lower()), None)


USER: Final = Kind("User", "/Users", CORE_USER, "People at work", _USER, STAFF, _STAFF)
GROUP: Final = Kind("Group", "/Groups", CORE_GROUP, "Roles at units", _GROUP, ROLE_AT_UNIT, _ROLE_AT_UNIT)
KINDS: Final = (USER, GROUP)


def schemas(base: str) -> list[dict[str, Any]]:
    """Every Schema. RFC 7643 section 7"""
    named = [
        (CORE_USER, "User", "People at work", _USER),
        (CORE_GROUP, "Group", "Groups: each a role at a unit", _GROUP),
        (STAFF, "Staff", "What Samjournal keeps of people at work beside", _STAFF),
        (ROLE_AT_UNIT, "RoleAtUnit", "The role at a unit that a group gives", _ROLE_AT_UNIT),
    ]
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
            "id": id_,
            "name": name,
            "description": description,
            "attributes": [one.told() for one in attributes],
            "meta": {"resourceType": "Schema", "location": f"{base}/Schemas/{id_}"},
        }
        for id_, name, description, attributes in named
    ]


def resource_types(base: str) -> list[dict[str, Any]]:
    """Every ResourceType. RFC 7643 section 6"""
    return [
        {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
            "id": kind.name,
            "name": kind.name,
            "endpoint": kind.endpoint,
            "description": kind.description,
            "schema": kind.schema,
            "schemaExtensions": [{"schema": kind.extension, "required": False}],
            "meta": {"resourceType": "ResourceType", "location": f"{base}/ResourceTypes/{kind.name}"},
        }
        for kind in KINDS
    ]


def config(base: str) -> dict[str, Any]:
    """What this server can. RFC 7643 section 5"""
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": MOST, "maxPayloadSize": LARGEST},
        "filter": {"supported": True, "maxResults": MOST},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "A system token with the scope accounts.change: samjournal token --system NAME --scope"
                " accounts.change",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": f"{base}/ServiceProviderConfig"},
    }
