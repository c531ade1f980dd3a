"""The page of the model study: which model, map and colours are looked at. Knows nothing of Panel."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from frontend.clients.services import Services
from frontend.clients.types import Service
from frontend.page_session import PageSession, PageView
from frontend.remote import NOT_ASKED, LatestCall, Ready, Remote
from pipeline.products.study.document import ModelResult, Study


class Colour(StrEnum):
    """What the colour of a product on the map says."""

    TRUE = "true"
    PREDICTED = "predicted"


# The maps that a study has, the clearest first.
MAPS = ("umap", "tsne", "pca")


@dataclass(frozen=True, slots=True)
class StudyView(PageView):
    """Everything that the page shows at one moment; ``name`` is the model asked for, empty: the most accurate."""

    study: Remote[Study] = NOT_ASKED
    name: str = ""
    projection: str = MAPS[0]
    colour: Colour = Colour.TRUE

    @property
    def waits(self) -> Mapping[Service, Sequence[Remote[object]]]:
        """The services that the page needs, each with what it waits for."""
        return {Service.EMBEDDING: (self.study,)}

    @property
    def shown(self) -> ModelResult | None:
        """The model that is looked at: the one asked for, or the most accurate where there is no such model."""
        if not isinstance(self.study, Ready):
            return None
        models = self.study.value.models
        asked = [model for model in models if model.name == self.name]
        return asked[0] if asked else max(models, key=lambda model: model.validation.accuracy.value)


class StudySession(PageSession[StudyView]):
    """One open page."""

    def __init__(self, services: Services) -> None:
        super().__init__(services, StudyView())
        self._calls_study: LatestCall[Study] = self._call(lambda value: self._set(study=value))

    def start(self, arguments: Mapping[str, str]) -> None:
        """Begins to ask, in the running event loop."""
        super().start(arguments)
        self.choose_model(arguments.get("model", ""))
        self.choose_projection(arguments.get("map", ""))
        self.choose_colour(arguments.get("colour", ""))
        self._calls_study.start(self._services.products.study)

    def choose(self, choice: str) -> None:
        """Keeps the client for the other pages."""
        self._set(choice=choice)

    def choose_model(self, name: str) -> None:
        """Looks at another model."""
        self._set(name=name)

    def choose_projection(self, projection: str) -> None:
        """Looks at another map; an unknown one is the first."""
        self._set(projection=projection if projection in MAPS else MAPS[0])

    def choose_colour(self, colour: str) -> None:
        """Colours by true or by predicted category; anything else is by true."""
        self._set(colour=Colour.PREDICTED if colour == Colour.PREDICTED else Colour.TRUE)

    def _back(self, service: Service) -> None:
        super()._back(service)
        if service is Service.EMBEDDING:
            self._calls_study.renew(self.view.study, self._services.products.study)
