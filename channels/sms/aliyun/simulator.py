"""Simulated phones that text with one sign at Aliyun; knows nothing of the adapter."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from channels.aliyun_simulation import AliyunRefusal, AliyunServer, Parameters, spoken
from channels.simulation import Fault, Heard, Ticker

SIGN: Final = "华信服务"
TEMPLATES: Final = {
    "SMS_100000001": "${level} ${number} ${place}：${symptom}。限${until}前接单。回1接单 2上报 3稍后",
    "SMS_100000002": "您有一条新通知：${text}",
}
"""What the reviewers approved."""
BLOCK: Final = {
    "sign_name": SIGN,
    "fallback": "notice",
    "templates": {
        "page": {
            "code": "SMS_100000001",
            "variables": {
                "level": "level",
                "number": "number",
                "place": "site",
                "symptom": "symptom",
                "until": "until",
            },
        },
        "notice": {"code": "SMS_100000002", "variables": {"text": "whole"}},
    },
}
MOBILE: Final = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
DAILY: Final = 50
"""Texts of one sign and template to one number a day (help.aliyun.com/document_detail/44335.htm)."""
UNSIGNED: Final = "the provider signs no push: a secret in the path and the content type are all there is"


class SmsSimulator:
    """One sign at Aliyun and everybody's phones."""

    exempt: Mapping[str, str] = {
        "headers": UNSIGNED,
        "body": UNSIGNED,
        "url": UNSIGNED,
        "type": UNSIGNED,
        "length": "an approved template carries 35 characters in each variable; tests/contract/test_aliyun_sms.py",
    }

    def __init__(self, aliyun: AliyunServer, account: str) -> None:
        self.heard: list[Heard] = []
        self.refuses: dict[str, tuple[str, str]] = {}
        """Numbers for which SendSms answers with this code and message."""
        self.unreachable: dict[str, str] = {}
        """Numbers whose texts are taken and then fail, with the code of the receipt."""
        self.aliyun = aliyun
        self._account = account
        self._sent: dict[tuple[str, str], int] = {}
        aliyun.serves("SendSms", self._send)
        aliyun.serves("QuerySmsTemplateList", self._list)

    @property
    def fault(self) -> Fault:
        """What is wrong just now."""
        return self.aliyun.fault

    @fault.setter
    def fault(self, fault: Fault) -> None:
        self.aliyun.fault = fault

    async def start(self) -> None:
        """Listen on a free loopback port."""
        await self.aliyun.start()

    async def stop(self) -> None:
        """End what `start` began."""
        await self.aliyun.stop()

    def block(self, folder: Path) -> Mapping[str, Any]:
        """The account's block for config.yaml; the secrets are written into `folder`."""
        return {**self.aliyun.credentials(folder, f"sms_{self._account}"), **BLOCK}

    def busy(self) -> bool:
        """A request or push is under way at this instant."""
        return self.aliyun.busy()

    async def say(
        self,
        *,
        sender: str,
        text: str,
        subject: str | None = None,
        group: str | None = None,
        answers: str | None = None,
    ) -> str:
        """A person writes back; returns the sequence_id. A text has no subject, group or reference."""
        del subject, group, answers
        sequence = str(uuid.uuid4().int)[:12]
        reply = {
            "phone_number": sender.removeprefix("+86"),
            "content": text,
            "send_time": self.aliyun.moment(),
            "dest_code": "1234",
            "sequence_id": sequence,
        }
        with self.aliyun.working():
            await self.aliyun.push("sms", self._account, "up", [reply])
        return sequence

    async def _send(self, given: Parameters) -> Mapping[str, Any]:
        found = MOBILE.fullmatch(given.get("PhoneNumbers", ""))
        if found is None:
            raise AliyunRefusal("isv.MOBILE_NUMBER_ILLEGAL", "号码格式非法")
        if given.get("SignName") != SIGN:
            raise AliyunRefusal("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法")
        template = TEMPLATES.get(given.get("TemplateCode", ""))
        if template is None:
            raise AliyunRefusal("isv.SMS_TEMPLATE_ILLEGAL", "该账号下找不到对应模板")
        text, to = f"【{SIGN}】{spoken(template, given.get('TemplateParam', ''))}", f"+86{found[1]}"
        if to in self.refuses:
            raise AliyunRefusal(*self.refuses[to])
        self._counted(to, given["TemplateCode"])
        biz = f"{uuid.uuid4().int % 10**15}^0"
        self.heard.append(Heard(at=self.aliyun.clock.now(), to=to, text=text, id=biz))
        self.aliyun.spawn(self._report(to, biz, given.get("OutId", ""), text))
        return {"BizId": biz}

    def _counted(self, to: str, code: str) -> None:
        self._sent[to, code] = self._sent.get((to, code), 0) + 1
        if self._sent[to, code] > DAILY:
            raise AliyunRefusal("isv.BUSINESS_LIMIT_CONTROL", f"触发天级流控Permits:{DAILY}")

    async def _report(self, to: str, biz: str, out_id: str, text: str) -> None:
        code = self.unreachable.get(to, "DELIVERED")
        report = {
            "phone_number": to.removeprefix("+86"),
            "send_time": self.aliyun.moment(),
            "report_time": self.aliyun.moment(),
            "success": code == "DELIVERED",
            "err_code": code,
            "err_msg": "用户接收成功" if code == "DELIVERED" else "发送失败",
            "sms_size": str(1 if len(text) <= 70 else -(-len(text) // 67)),
            "biz_id": biz,
            "out_id": out_id,
        }
        await self.aliyun.push("sms", self._account, "report", [report])

    async def _list(self, given: Parameters) -> Mapping[str, Any]:
        first = given.get("PageIndex", "1") == "1"
        listed = [{"TemplateCode": code, "AuditStatus": "AUDIT_STATE_PASS"} for code in TEMPLATES] if first else []
        return {"TotalCount": len(TEMPLATES), "PageSize": 50, "CurrentPage": 1, "SmsTemplateList": listed}


def build(*, clock: Ticker, gateway_url: str, account: str) -> SmsSimulator:
    """The provider's side of one sms account."""
    return SmsSimulator(AliyunServer(clock=clock, gateway_url=gateway_url), account)
