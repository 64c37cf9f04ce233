"""Paper: PDFs with Chinese type inside, for posters, labels and the registers of the community."""

from app.core.paper.register import Column, Leaf, Register
from app.core.paper.sheets import A4, Sheets, mm

__all__ = ["A4", "Column", "Leaf", "Register", "Sheets", "mm"]
