"""Drivers that carry a code to a person; satisfy `liveroom.ports.vault.CodeSender`. Know no page and no database."""
