"""Where the pages of stations are hung up."""

from flask import Blueprint

bp = Blueprint("stations_pages", "app.stations", template_folder="templates")
