"""The addresses of the workspace."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from samjournal.workspace import (
    blood_pressure,
    chart,
    erasures,
    finding,
    help,
    identity,
    measurement,
    measurements,
    note_list,
    note_page,
    notes,
    oversight,
    reason,
    register,
    representing,
    role,
    search,
    statistics,
    timeline,
    why,
    wrong,
)
from samjournal.workspace.desk import staff


def routes() -> list[BaseRoute]:
    """Every page and form of the staff's face."""
    patient = "/workspace/patients/{id}"
    return [
        Route("/workspace", staff(search.show), name="workspace"),
        Route("/workspace/role", role.show, methods=["GET"]),
        Route("/workspace/role", role.choose, methods=["POST"]),
        Route("/workspace/oversight", staff(oversight.show), methods=["GET"]),
        Route("/workspace/oversight/statistics", staff(statistics.show), methods=["GET"]),
        Route("/workspace/oversight/reviewed", staff(oversight.review), methods=["POST"]),
        Route("/workspace/register", staff(register.show), methods=["GET"]),
        Route("/workspace/register", staff(register.take), methods=["POST"]),
        Route("/workspace/identity", staff(identity.show)),
        Route("/workspace/identity/number", staff(identity.give_number), methods=["POST"]),
        Route("/workspace/identity/close", staff(identity.close), methods=["POST"]),
        Route("/workspace/identity/compare", staff(identity.compare)),
        Route("/workspace/identity/propose", staff(identity.propose), methods=["POST"]),
        Route("/workspace/identity/decide", staff(identity.decide), methods=["POST"]),
        Route("/workspace/identity/merged/{id}", staff(identity.merged), methods=["GET"]),
        Route("/workspace/identity/merged/{id}", staff(identity.part), methods=["POST"]),
        Route("/workspace/corrections", staff(wrong.corrections), methods=["GET"]),
        Route("/workspace/corrections", staff(wrong.followed_up), methods=["POST"]),
        Route("/workspace/erasures", staff(erasures.show), methods=["GET"]),
        Route("/workspace/erasures", staff(erasures.confirm), methods=["POST"]),
        Route("/workspace/help", staff(help.show)),
        Route(patient, staff(chart.show), name="chart"),
        Route(f"{patient}/blood-pressure", staff(blood_pressure.record), methods=["POST"]),
        Route(f"{patient}/notes/new", staff(notes.new), methods=["GET"]),
        Route(f"{patient}/timeline", staff(timeline.show), methods=["GET"]),
        Route(f"{patient}/find", staff(finding.show), methods=["GET"]),
        Route(f"{patient}/notes", staff(note_list.show), methods=["GET"]),
        Route(f"{patient}/measurements", staff(measurements.show), methods=["GET"]),
        Route(f"{patient}/measurements", staff(measurements.take), methods=["POST"]),
        Route(f"{patient}/measurements/scale", staff(measurements.scale), methods=["POST"]),
        Route(f"{patient}/measurements/{{measurement}}", staff(measurement.show), methods=["GET"]),
        Route(f"{patient}/measurements/{{measurement}}", staff(measurement.take), methods=["POST"]),
        Route(f"{patient}/notes", staff(notes.write), methods=["POST"]),
        Route(f"{patient}/notes/{{note}}", staff(note_page.show), methods=["GET"]),
        Route(f"{patient}/notes/{{note}}/sign", staff(note_page.sign), methods=["POST"]),
        Route(f"{patient}/notes/{{note}}/countersigner", staff(note_page.choose), methods=["POST"]),
        Route(f"{patient}/notes/{{note}}/hold-back", staff(notes.hold), methods=["POST"]),
        Route(f"{patient}/notes/{{note}}/release", staff(notes.show_now), methods=["POST"]),
        Route(f"{patient}/access", staff(why.show)),
        Route(f"{patient}/reason", staff(reason.show), methods=["GET"]),
        Route(f"{patient}/wrong", staff(wrong.show), methods=["GET"]),
        Route(f"{patient}/wrong", staff(wrong.take), methods=["POST"]),
        Route(f"{patient}/reason", staff(reason.state), methods=["POST"]),
        Route(f"{patient}/representation", staff(representing.show), methods=["GET"]),
        Route(f"{patient}/representation", staff(representing.register), methods=["POST"]),
        Route(f"{patient}/representation/withdraw", staff(representing.end), methods=["POST"]),
    ]
