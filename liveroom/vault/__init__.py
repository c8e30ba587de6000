"""Pure rules of who somebody is: contacts, codes, when one may be sent. Knows no storage and no message service."""
