"""Refusals about the passbooks that staff open, and those of paper that people carry."""

from app.core.errors import Conflict, Invalid, NotFound


class HolderUnknown(NotFound):
    code, title = "holder_unknown", "Unknown holder of a passbook"


class NothingToPrint(Conflict):
    code, title = "nothing_to_print", "Every line is in the book already"


class PrintedMeanwhile(Conflict):
    code, title = "printed_meanwhile", "The book was printed in meanwhile"


class PlaceWrong(Invalid):
    code, title = "place_wrong", "The next line cannot stand there"
