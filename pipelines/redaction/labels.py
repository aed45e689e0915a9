"""Which labels and slots are personal, and what stands in their place.

name, approver_name, PER  →  PERSON_1, PERSON_2 …       card_number  →  CARD_1
"""

from dataclasses import dataclass

from nlp_lstm.values.kinds import Check, Formed

_PLACEHOLDERS = {
    "PERSON": "person per name full_name first_name last_name approver_name customer_name"
    " passenger_name patient_name guest_name speaker",
    "EMAIL": "email email_address e_mail mail",
    "PHONE": "phone phone_number phonenumber telephone mobile fax",
    "URL": "url website",
    "ADDRESS": "address street street_address zipcode zip_code postcode postal_code"
    " current_zipcode",
    "CARD": "card card_number credit_card",
    "IBAN": "iban",
    "ACCOUNT": "account account_id account_number target_account_number bank_account",
    "SSN": "ssn social_security_number tax_number passport passport_number",
    "PASSWORD": "password pin secret",
    "USERNAME": "username user_name login user_id",
    "BIRTHDATE": "birthdate birthday date_of_birth dob",
    "IDENTIFIER": "identifier id order_number booking_confirmation_number booking_number"
    " reference_number policyid policy_id policy_number claimid claim_id license_plate"
    " licence_plate",
}
# Labels that are redacted unless somebody says which are.
_PERSONAL = {label: kind for kind, labels in _PLACEHOLDERS.items() for label in labels.split()}
PERSONAL_LABELS = tuple(_PERSONAL)
# Of slots of no stated kind these names are as often those of hotels and products.
_OFTEN_OF_THINGS = frozenset({"name", "website", "url", "id", "address", "phone", "postcode"})
_OF_FORM: dict[Formed, str] = {
    "email": "EMAIL",
    "url": "URL",
    "iban": "IBAN",
    "card": "CARD",
    "phone": "PHONE",
}
# What a placeholder's texts can be brought to one form as.
CHECKS: dict[str, Check] = {
    "EMAIL": "email",
    "URL": "url",
    "IBAN": "iban",
    "CARD": "card",
    "PHONE": "phone",
}
_OF_KIND = {"person": "PERSON", "phone": "PHONE", "email": "EMAIL"}


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is redacted.

    Attributes:
        labels: Labels of entities; empty for all that are known to be personal. Addresses of
            e-mail and web, telephone, card and account numbers that are recognised by their form
            are redacted whenever their label is: `email`, `url`, `phone`, `card`, `iban`.
        least_confidence: Entities with less are left; what is missed is worse than what is
            redacted needlessly.
    """

    labels: tuple[str, ...] = ()
    least_confidence: float = 0.0

    def placeholder(self, label: str) -> str | None:
        """What stands for entities of a label, without its number; None where they stay."""
        known = _PERSONAL.get(_folded(label))
        if not self.labels:
            return known
        if _folded(label) in map(_folded, self.labels):
            return known or _folded(label).upper()
        return None

    def forms(self) -> tuple[Formed, ...]:
        """What is looked for by its form."""
        return tuple(form for form in _OF_FORM if self.placeholder(form) is not None)

    def slot_placeholder(self, slot: str, kind: str | None) -> str | None:
        """What stands for values of a slot, or None.

        Args:
            slot: Its name; a service may stand before the last `-`.
            kind: What its schema says that its values are; None where it says nothing.
        """
        name = slot.rpartition("-")[2]
        if kind in _OF_KIND:
            return self.placeholder(kind)
        if kind is None and _folded(name) in _OFTEN_OF_THINGS:
            return None
        return self.placeholder(name) if _folded(name) != "name" else None


def is_known(label: str) -> bool:
    """Whether a label is one of those that are redacted when none is named."""
    return _folded(label) in _PERSONAL


def form_placeholder(form: Formed) -> str:
    """What stands for something that was recognised by its form."""
    return _OF_FORM[form]


def _folded(label: str) -> str:
    return label.casefold().replace("-", "_").replace(" ", "_")
