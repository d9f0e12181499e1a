"""The words of the pages of packages; key to (zh, en)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PACKAGES: Final[Mapping[str, tuple[str, str]]] = {
    "packages": ("升级包", "Packages"),
    "packages_why": (
        "上传后由群发以专属链接发给用户；撤回后链接立即失效。",
        "Broadcasts hand packages out by links of each recipient's own; revoked, the links end at once.",
    ),
    "packages_none": ("还没有升级包。", "There are no packages yet."),
    "packages_more": ("只列出最近 {n} 个。", "Only the newest {n} are listed."),
    "package_name": ("名称", "Name"),
    "package_version": ("版本", "Version"),
    "package_size": ("大小", "Size"),
    "package_sha": ("SHA-256", "SHA-256"),
    "package_state": ("状态", "State"),
    "package_by": ("上传人", "By"),
    "package_at": ("时间", "When"),
    "package_downloads": ("已下载", "Downloads"),
    "package_file": ("文件", "File"),
    "package_product": ("产品（可不写）", "Product (may be empty)"),
    "package_applies": ("适用于哪些已装版本（空为全部）", "For which installed versions (empty: all)"),
    "package_applies_hint": ("例如 >=2.0 <2.3", "such as >=2.0 <2.3"),
    "package_of": ("产品", "Product"),
    "package_for": ("适用版本", "For versions"),
    "package_everywhere": ("全部版本", "every version"),
    "package_notes_zh": ("更新说明（中文）", "Notes in Chinese"),
    "package_notes_en": ("更新说明（英文）", "Notes in English"),
    "package_intranet": ("仅内网可下载", "Can be fetched inside the customer's network only"),
    "package_only_intranet": ("仅内网", "intranet only"),
    "package_upload": ("上传升级包", "Upload a package"),
    "package_go_on": ("接着上传：请再选同一个文件", "Go on: choose the same file again"),
    "package_resume": ("接着上传", "Go on with the upload"),
    "package_at_most": ("单个文件最大 {size}。", "One file may have up to {size}."),
    "package_plain_form": (
        "浏览器没有运行脚本：上传中断后要从头再来。",
        "Your browser runs no script: an upload that breaks off begins again from the start.",
    ),
    "package_no_right": (
        "上传和撤回需要登录，且本人有群发权限。",
        "To upload or revoke, sign in as somebody with the right to broadcast.",
    ),
    "package_about": ("说明", "What is said of it"),
    "package_revoked_by": ("{who} 于 {at} 撤回", "revoked by {who} at {at}"),
    "package_broken_why": (
        "收到的文件与校验值不符，已丢弃。请用同样的名称和版本重新上传。",
        "What came does not have the checksum that was announced; it was discarded. Upload it again under this name.",
    ),
    "package_whole": (
        "文件已收齐，还没有校验完。校验完才能发出去。",
        "All bytes have come and are not checked yet; until then nobody can fetch it.",
    ),
    "package_revoke_title": ("撤回 {name} {version}？", "Revoke {name} {version}?"),
    "package_revoke_why": (
        "所有已发出的下载链接立即失效，文件随即删除，不能恢复。已经下载的 {n} 人不受影响。",
        (
            "All links that were sent end at once and the file is deleted; this cannot be undone. "
            "The {n} who have fetched it keep it."
        ),
    ),
    "package_going": (
        "下列群发还没有发完，会继续发出打不开的链接，请先暂停或取消：",
        "These broadcasts are not done and would go on sending links that lead nowhere; pause or cancel them first:",
    ),
    "package_used_by": ("用于群发：", "Handed out by"),
    "package_reason": ("原因（可不写）", "Why (may be empty)"),
    "package_back": ("返回，不撤回", "Back, revoke nothing"),
    "do.package_upload": ("开始上传", "Upload"),
    "do.package_finish": ("校验并完成", "Check and finish"),
    "do.package_drop": ("放弃这次上传", "Give this upload up"),
    "do.package_edit": ("保存说明", "Save"),
    "do.package_revoke": ("撤回", "Revoke"),
    "upload_cancel": ("取消上传", "Cancel the upload"),
    "upload_progress": ("{percent}% · {speed}/s", "{percent}% · {speed}/s"),
    "upload_waiting": ("连接中断，{seconds} 秒后接着传…", "The connection broke; going on in {seconds} s…"),
    "upload_checking": ("正在校验…", "Checking the whole file…"),
    "upload_cancelled": ("已取消，传到一半的内容已删除。", "Cancelled; what had come is deleted."),
    "upload_leave": ("上传还没有完成。", "The upload is not finished."),
    "upload_failed": ("没有成功。", "It did not work."),
}

PACKAGES_NAMED: Final[Mapping[str, tuple[str, str]]] = {
    "package_state.coming": ("上传中", "being uploaded"),
    "package_state.ready": ("可下载", "ready"),
    "package_state.broken": ("校验不符", "broken"),
    "package_state.revoked": ("已撤回", "revoked"),
    "said.package_begun": ("可以开始传了。", "The upload can begin."),
    "said.package_resumed": ("接着上次的地方传。", "The upload goes on where it stopped."),
    "said.package_ready": ("上传完成，校验通过。", "The package is whole and ready."),
    "said.package_checking": ("正在校验，请稍候。", "The file is being checked; ask again."),
    "said.package_broken": (
        "收到的文件与校验值不符，已丢弃，请重新上传。",
        "What came does not have the checksum that was announced; it was discarded. Upload it again.",
    ),
    "said.package_edited": ("说明已保存。", "What is said of the package was changed."),
    "said.package_revoked": ("已撤回，链接已失效。", "The package is revoked; its links have ended."),
    "said.package_dropped": ("已放弃这次上传。", "The upload was given up."),
    "said.package_coming": (
        "这个名称和版本正在由别人上传，或者文件不同。请先放弃那次上传，或换一个版本号。",
        "An upload of this name by somebody else, or of another file, is under way: give it up, or change the version.",
    ),
    "said.package_taken": (
        "这个名称和版本已经有了（撤回的也算），请换一个版本号。",
        "There is a package of this name and version, or was until it was revoked: take another version.",
    ),
    "said.package_too_large": (
        "文件太大，超过 gateway.broadcasts.packages.most。",
        "The file is larger than gateway.broadcasts.packages.most allows.",
    ),
    "said.package_empty": ("请选一个不为空的文件。", "Choose a file that is not empty."),
    "said.package_no_room": ("服务器磁盘空间不够。", "There is not enough room on the gateway's disk."),
    "said.package_bad_name": (
        "名称、版本各写 1 到 100 个字，产品最多 100 个字。",
        "Name and version need 1 to 100 characters each, the product at most 100.",
    ),
    "said.package_bad_file": ("文件名不能用，请改名后再传。", "The name of the file cannot be used; rename it."),
    "said.package_bad_notes": (
        "更新说明最多两万字，语言只有 zh 和 en。",
        "Notes have at most 20,000 characters, in zh and en.",
    ),
    "said.package_bad_range": (
        "看不懂适用版本，请写成 >=2.0 <2.3。",
        "The range of versions cannot be read; write it as >=2.0 <2.3.",
    ),
    "said.package_unknown_package": ("没有这个升级包。", "There is no such package."),
    "said.package_not_now": ("现在的状态不能这样做，没有改动。", "That cannot be done in its present state."),
    "said.package_not_yours": ("这是别人的上传，没有改动。", "Somebody else uploads this; nothing was changed."),
    "said.package_no_right": ("您没有群发权限。", "You have no right to broadcast."),
    "said.package_sign_in": ("请先登录。", "Sign in first."),
    "said.package_elsewhere": (
        "位置对不上：请从 Upload-Offset 给出的地方接着传。",
        "The upload stands elsewhere: go on from Upload-Offset.",
    ),
    "said.package_too_much": ("内容比登记的大小多。", "These are more bytes than were announced."),
    "said.package_busy": (
        "这个上传正在被写入或校验，请稍后再试。",
        "It is being written or checked; try again.",
    ),
    "said.package_slow": ("一分钟没有收到内容，请接着传。", "Nothing came for a minute; go on."),
    "said.package_storage": ("存储现在不可用：", "The storage cannot do it now:"),
}
