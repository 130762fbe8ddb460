"""The words of the daily list's file for spreadsheets."""

from collections.abc import Mapping

#: Columns of the file in their order, by language.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "number": "受付番号", "service": "ご用件", "state": "状態", "channel": "発券", "language": "言語",
        "issued_at": "発券時刻", "arrived_at": "到着時刻", "first_called_at": "最初の呼出時刻",
        "wait_seconds": "待ち時間（分）", "called_at": "最後の呼出時刻", "call_count": "呼出回数", "counter": "窓口",
        "serving_at": "対応開始時刻", "served_seconds": "対応時間（分）", "ended_at": "終了時刻",
        "reason": "保留・窓口交代の理由",
        "deferrals": "後回し回数", "position_at_issue": "発券時の順番",
        "wait_low_at_issue": "発券時の目安・短い方（分）",
        "wait_high_at_issue": "発券時の目安・長い方（分）", "corrected_at": "訂正時刻", "corrected_by": "訂正した職員",
        "corrected_reason": "訂正の理由", "was_state": "訂正前の状態", "was_service": "訂正前のご用件",
    },
    "en": {
        "number": "Number", "service": "Service", "state": "State", "channel": "Taken at", "language": "Language",
        "issued_at": "Taken at (time)", "arrived_at": "Arrived", "first_called_at": "First called",
        "wait_seconds": "Wait (minutes)", "called_at": "Last called", "call_count": "Calls", "counter": "Counter",
        "serving_at": "Serving since", "served_seconds": "At the counter (minutes)", "ended_at": "Ended",
        "reason": "Reason of hold or transfer", "deferrals": "Moved back",
        "position_at_issue": "Position when taken",
        "wait_low_at_issue": "Told wait from (minutes)", "wait_high_at_issue": "Told wait to (minutes)",
        "corrected_at": "Corrected", "corrected_by": "Corrected by", "corrected_reason": "Reason of correction",
        "was_state": "State before", "was_service": "Service before",
    },
}  # fmt: skip
VALUES: Mapping[str, Mapping[str, str]] = {
    "ja": {
        "expected": "到着前", "waiting": "お待ち", "called": "呼出中", "serving": "対応中", "held": "保留",
        "absent": "不在",
        "completed": "終了", "cancelled": "取消", "expired": "期限切れ", "closed": "閉庁により終了",
        "kiosk": "発券機", "web": "Web", "staff": "職員",
    },
    "en": {
        "expected": "not arrived", "waiting": "waiting", "called": "called", "serving": "serving", "held": "on hold",
        "absent": "absent", "completed": "completed", "cancelled": "cancelled", "expired": "expired",
        "closed": "ended with the day", "kiosk": "kiosk", "web": "web", "staff": "staff",
    },
}  # fmt: skip
LANGUAGES = tuple(COLUMNS)
