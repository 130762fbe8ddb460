"""The section on the phone: text messages and spoken calls through a provider."""

from phonenumbers import SUPPORTED_REGIONS

from ticketing.config.gateway import read_gateway
from ticketing.config.model import Phone
from ticketing.config.table import Table


def read_phone(table: Table, *, is_demo: bool) -> Phone:
    default = Phone()
    phone = Phone(
        enabled=table.flag("enabled", default.enabled),
        provider=table.text("provider"),
        approval=table.text("approval"),
        countries=_countries(table, default.countries),
        most_per_day=table.integer("most_per_day", default.most_per_day, 1, 1_000_000),
        most_per_number=table.integer("most_per_number", default.most_per_number, 1, 1_000),
        registrations_per_address_hour=table.integer(
            "registrations_per_address_hour", default.registrations_per_address_hour, 1, 1_000_000
        ),
        timeout_seconds=table.integer("timeout_seconds", default.timeout_seconds, 1, 60),
        sms=read_gateway(table.table("sms")),
        voice=read_gateway(table.table("voice")),
    )
    if phone.is_on:
        _check_phone(table, phone, is_demo=is_demo)
    return phone


def _check_phone(table: Table, phone: Phone, *, is_demo: bool) -> None:
    if not phone.sms.is_on and not phone.voice.is_on:
        table.refuse("enabled", "the phone needs a gateway: the url of [phone.sms], of [phone.voice], or both")
    if not phone.provider:
        table.refuse("provider", "the consent names who receives the numbers, so name the provider")
    if not phone.approval and not is_demo:
        table.refuse("approval", "the provider receives contacts, so name the approval under which it may")


def _countries(table: Table, default: tuple[str, ...]) -> tuple[str, ...]:
    countries = table.texts("countries", default)
    for index, country in enumerate(countries):
        if country not in SUPPORTED_REGIONS:
            table.refuse(f"countries[{index}]", f"{country!r} is not a country's two letters, such as 'JP'")
    if not countries:
        table.refuse("countries", "must name at least one country, or no number could be taken")
        return default
    return countries
