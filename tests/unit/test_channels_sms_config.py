"""The sms block is checked at the door."""

import subprocess
import sys

import pytest

from channels.settings import Secret
from channels.sms.twilio.config import Account

GOOD = {"account_sid": "AC" + "0" * 32, "auth_token": Secret("t"), "number": "+15005550006"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"number": None}, "give number, or messaging_service_sid"),
        ({"account_sid": "AC123"}, "account_sid"),
        ({"messaging_service_sid": "MGx"}, "messaging_service_sid"),
        ({"provider": "aliyun"}, "provider"),
        ({"api_url": "ftp://x"}, "api_url"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"region": "china"}, "region"),
    ],
)
def test_a_wrong_value_is_named(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        Account.model_validate({**GOOD, **changes})


def test_a_pool_of_numbers_needs_no_number():
    pool = "MG" + "0" * 32
    block = {**GOOD, "number": None, "messaging_service_sid": pool}
    assert Account.model_validate(block).messaging_service_sid == pool


@pytest.mark.parametrize("module", ["channels.sms.twilio.config", "channels.phone.twilio.config"])
def test_reading_the_configuration_loads_no_provider_library(module):
    code = f"import sys, {module}; print([n for n in ('twilio', 'aiohttp', 'phonenumbers') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
