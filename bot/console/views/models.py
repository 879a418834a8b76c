"""Models: train, watch, read the figures, promote, roll back. The gate decides; nobody here can go past it."""

from __future__ import annotations

from starlette.responses import Response

from bot.console.guard import CHOOSE, Refused, Visit
from bot.console.words import word
from bot.i18n import N_
from bot.nlu.supervisor import NluMissingError
from bot.services.errors import DeskError
from bot.services.models import registry, work
from bot.services.models.gate import Reason
from bot.services.models.promotion import promote
from bot.services.models.registry import Progress
from bot.storage.models import Model, ModelState

NO_NLU = N_("Models cannot be made on this machine: the NLU environment is missing (`make install`).")
ALL_FORMS = N_("All forms")
TRAINING_RELOAD = {"hx-refresh": "true"}
FIGURES = (
    "urgent_card_or_check",
    "urgent_card",
    "false_card",
    "false_check",
    "out_of_scope_recognised",
    "sure_and_wrong",
)


def listed(visit: Visit) -> Response:
    """All models, the newest first."""
    return _list(visit)


def train(visit: Visit) -> Response:
    """Begin a training in the background."""
    try:
        with visit.house.database.write() as session:
            number = registry.begin(session, visit.who.name, visit.now).id
        _start(visit, number)
    except DeskError as error:
        return _list(visit, visit.say(error.message, **error.placeholders))
    return visit.go("models")


def live(visit: Visit) -> Response:
    """How far the training is, and the last lines of its log; when it has ended the page loads anew."""
    with visit.house.database.write() as session:
        row = registry.running(session, visit.now)
    response = visit.page("models_live.html", **_live(visit, row))
    if row is None:
        response.headers.update(TRAINING_RELOAD)
    return response


def one(visit: Visit) -> Response:
    """The figures of a model."""
    return _one(visit)


def do(visit: Visit) -> Response:
    """Promote, roll back, cancel, measure again."""
    number, who, house = visit.number("model"), visit.who.name, visit.house
    try:
        match visit.form.get("do"):
            case "promote":
                promote(house.settings, house.database, number, who)
            case "roll_back":
                with house.database.write() as session:
                    registry.roll_back(session, who, visit.now)
            case "cancel":
                with house.database.write() as session:
                    registry.cancel(session, number, who, visit.now)
                return visit.go("models")
            case "measure":
                with house.database.write() as session:
                    registry.again(session, number, who, visit.now)
                _start(visit, number)
                return visit.go("models")
            case _:
                raise DeskError(CHOOSE)
    except DeskError as error:
        return _one(visit, visit.say(error.message, **error.placeholders))
    return visit.go("model", model=number)


def _start(visit: Visit, number: int) -> None:
    try:
        work.start(visit.house.settings, number)
    except (NluMissingError, OSError) as error:
        with visit.house.database.write() as session:
            registry.fail(session, number, visit.now, Reason(NO_NLU))
        raise DeskError(NO_NLU) from error


def _list(visit: Visit, error: str = "") -> Response:
    with visit.house.database.write() as session:
        running = registry.running(session, visit.now)
        rows, back = registry.listed(session), registry.can_roll_back(session)
    return visit.page(
        "models.html",
        422 if error else 200,
        rows=rows,
        back=back,
        error=error,
        can=work.can_train(),
        why=lambda row: _why(visit, row),
        **_live(visit, running),
    )


def _live(visit: Visit, row: Model | None) -> dict[str, object]:
    log = work.log_tail(visit.house.settings, row.id) if row is not None else []
    return {"running": row, "progress": Progress.of(row) if row is not None else None, "log": log}


def _one(visit: Visit, error: str = "") -> Response:
    with visit.house.database.read() as session:
        try:
            row = registry.one(session, visit.number("model"))
        except DeskError as missing:
            raise Refused(404) from missing
        back = registry.can_roll_back(session)
    return visit.page(
        "model.html",
        422 if error else 200,
        row=row,
        error=error,
        names=FIGURES,
        back=back and row.state == ModelState.PROMOTED,
        why=_why(visit, row),
        measured="present" in (row.figures or {}),
        log=work.log_tail(visit.house.settings, row.id) if row.state == ModelState.FAILED else [],
    )


def _why(visit: Visit, row: Model) -> list[str]:
    """The gate's reasons in the visitor's language."""
    said = []
    for reason in row.reasons or ():
        values = dict(reason["values"])
        if "form" in values:
            values["form"] = visit.say(ALL_FORMS if values["form"] == "all" else word("form", values["form"]))
        said.append(visit.say(reason["message"], **values))
    return said
