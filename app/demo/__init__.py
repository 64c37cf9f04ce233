"""The demo city: real rows through the features' own doors, a city for newcomers."""
