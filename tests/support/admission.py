"""What the office fills in to register a suggestion under the rules of the tests."""

POINTS = ("competence", "public_matter", "no_proceedings", "substance", "signed")
ADMITTED = {"checklist": ",".join(f"{point}=yes" for point in POINTS)}
REFUSED = {"checklist": ADMITTED["checklist"].replace("substance=yes", "substance=no"), "instead": "work_order"}
