"""What follows from who the persons of a registration are."""

from matching.problem import ADULT_AGE, Person, Registration

Kind = tuple[str, bool]  # gender, minor: people of one kind may share a room


def principals(registration: Registration) -> list[Person]:
    """Each adult; and each minor of a registration that has no adult."""
    adults = [person for person in registration.persons if person.age >= ADULT_AGE]
    return adults or list(registration.persons)


def children(registration: Registration) -> list[Person]:
    """Minors accompanied by an adult of their own registration."""
    if all(person.age < ADULT_AGE for person in registration.persons):
        return []
    return [person for person in registration.persons if person.age < ADULT_AGE]


def is_private(registration: Registration) -> bool:
    """Whether it takes whole rooms and shares them with nobody."""
    genders = {person.gender for person in principals(registration)}
    return registration.private_room or len(genders) > 1 or bool(children(registration))


def kind_of(registration: Registration) -> Kind:
    """The one kind of all persons of a registration that is not private."""
    person = principals(registration)[0]
    return person.gender, person.age < ADULT_AGE
