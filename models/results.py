"""results.json: every figure of README.md's tables, under a key, as the measuring scripts found it."""
import json
from pathlib import Path

RESULTS = Path(__file__).parent / "results.json"


def read(path=RESULTS):
    """-> {key: figures}; empty where nothing was measured yet."""
    return json.loads(path.read_text()) if path.exists() else {}


def add_record_options(parser):
    parser.add_argument("--record", metavar="KEY", help="keep the figures in results.json under this key")
    parser.add_argument("--results", type=Path, default=RESULTS)


def record_if_asked(options, figures):
    if options.record:
        path = options.results
        path.write_text(json.dumps({**read(path), options.record: figures}, indent=2, default=float) + "\n")
