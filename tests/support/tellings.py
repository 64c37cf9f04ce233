"""What people of a world are told, and those whom WeChat does not reach."""

from app.core.telling import Telling, notify
from app.identity import services as identity
from app.identity.models import Person
from tests.support.ground import Ground

EXPIRING = {"points": "44", "day": "2026年12月31日", "advice": "请到爱心超市兑换，或捐给爱心池"}


class Tellings(Ground):
    """Notices, as whoever has something to tell writes them."""

    def without_wechat(self, name: str = "欧阳秀兰") -> Person:
        """Somebody old who has no WeChat."""
        with self.work() as session:
            return identity.register_person(
                session,
                name=name,
                kinds=["elder"],
                community_id=self.units["Mingde"],
                now=self.now(),
            )

    def tell(
        self,
        person: Person,
        template: str = "points_expiring",
        *,
        about: str = "it",
        path: str = "/me#expiring",
        **words: str,
    ) -> bool:
        """Tell somebody that their points expire, or something else; whether it was new."""
        telling = Telling(
            person_id=person.id,
            template=template,
            about=about,
            words=EXPIRING | words,
            path=path,
        )
        with self.work() as session:
            return notify(session, telling, now=self.now())
