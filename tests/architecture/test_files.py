"""What lies beside the source: assets, templates, requirements."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from config import settings as settings_module

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "app/core/web/static/vendor"
VENDORED = json.loads((VENDOR / "vendored.json").read_text(encoding="utf-8"))
TEMPLATES = sorted((ROOT / "app").rglob("templates/**/*.html"))
FRAMES = {"layout.html", "components.html"}
REQUIREMENTS = sorted(ROOT.glob("requirements*.txt"))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]

# Where software is fetched from is each installation's own business. Said in pieces, so that
# this file does not name them either.
REGISTRIES = [
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("unpkg", "com"),
        ("jsdelivr", "net"),
        ("cdnjs", "cloudflare", "com"),
        ("pypi", "tuna"),
        ("mirrors", "aliyun"),
    )
]
NOT_OURS = {"var", "node_modules", "vendor", "__pycache__"}


def named(path):
    return str(path.relative_to(ROOT))


def own_files():
    """Every file of the repository that we wrote."""
    found = [
        path
        for path in ROOT.rglob("*")
        if not any(
            part in NOT_OURS or (part.startswith(".") and part != ".github")
            for part in path.relative_to(ROOT).parts[:-1]
        )
    ]
    return sorted(path for path in found if path.is_file())


@pytest.mark.parametrize("asset", VENDORED, ids=lambda asset: asset["name"])
def test_what_was_vendored_is_as_it_came(asset):
    for name, digest in asset["files"].items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_nothing_lies_among_the_vendored_that_is_not_listed_with_version_and_licence():
    listed = {name for asset in VENDORED for name in asset["files"]}
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}

    assert there - {"vendored.json"} == listed
    for asset in VENDORED:
        assert asset["licence"]
        assert any("LICENSE" in name for name in asset["files"]), asset["name"]


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_page_stands_in_the_frame_and_the_rest_is_a_fragment(path):
    text = path.read_text(encoding="utf-8")
    page = re.search(r'{%-? extends "(layout|staff)\.html" -?%}', text)
    fragment = path.name.startswith("_")

    assert path.name in FRAMES or bool(page) is not fragment
    assert not (fragment and re.search(r"<(html|body|head)\b", text))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_template_holds_script_or_style_of_its_own(path):
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"<script(?![^>]*\ssrc=)[^>]*>", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+|hx-on[^=\s]*)\s*=", text) == []
    assert re.findall(r"javascript:", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_every_form_carries_its_token_and_nothing_is_trusted_unescaped(path):
    text = path.read_text(encoding="utf-8")
    forms = re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.DOTALL | re.IGNORECASE)

    assert [form[:80] for form in forms if "csrf" not in form] == []
    assert re.findall(r"\|\s*safe\b|autoescape false", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_no_page_calls_elsewhere(path):
    text = path.read_text(encoding="utf-8")

    assert re.findall(r'(?:src|href|action)="(?:https?:)?//', text) == []


def test_what_the_documentation_page_loads_is_there(app):
    client = app.test_client()
    page = client.get("/api/docs")

    assets = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page.text)
    found = {}
    for asset in assets:
        with client.get(asset) as answer:
            found[asset] = answer.status_code

    assert assets
    assert found == dict.fromkeys(assets, 200)


def test_no_registry_is_named_anywhere():
    found = []
    for path in own_files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [(named(path), host) for host in REGISTRIES if host in text]

    assert found == []


def locked(path):
    """Each requirement of a lock file as one line."""
    text = path.read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


@pytest.mark.parametrize("path", REQUIREMENTS, ids=named)
def test_every_requirement_is_pinned_with_its_hashes(path):
    lines = locked(path)

    assert len(lines) > 10
    assert [line for line in lines if not re.match(r"[a-z0-9._-]+(\[\w+\])?==[^ ]+ ", line)] == []
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def wanted(name):
    """The names in a file of what we want, before it is locked."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[\[=]", line)[0] for line in lines if line and line[0] not in "#-"]


@pytest.mark.parametrize("kind", ["requirements", "requirements-dev"])
def test_everything_wanted_is_locked_at_the_version_that_is_wanted(kind):
    lines = (ROOT / f"{kind}.in").read_text(encoding="utf-8").splitlines()
    versions = {re.sub(r"\[.*\]", "", line.split(" ")[0]) for line in locked(ROOT / f"{kind}.txt")}

    asked = {re.sub(r"\[.*\]", "", line) for line in lines if line and line[0] not in "#-"}
    assert asked - versions == set()


@pytest.mark.parametrize("readme", READMES, ids=named)
def test_the_readme_says_why_of_each_thing_we_stand_on(readme):
    text = readme.read_text(encoding="utf-8")

    assert [name for name in wanted("requirements.in") if f"`{name}`" not in text] == []


@pytest.mark.parametrize("readme", READMES, ids=named)
def test_the_readme_names_every_setting(readme):
    text = readme.read_text(encoding="utf-8")
    source = Path(settings_module.__file__).read_text(encoding="utf-8")
    names = set(re.findall(r'read\.\w+\(\s*"([A-Z_]+)"', source))
    names |= set(re.findall(r'environ\.get\("([A-Z_]+)"', source))

    assert len(names) > 15
    assert [name for name in sorted(names) if f"`{name}`" not in text] == []
