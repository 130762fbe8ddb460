"""The words for LINE as they are built in: by language and by kind of notice."""

from collections.abc import Mapping

#: Stands for the bare public address, the same for everybody.
ADDRESS = "{address}"

LineTexts = Mapping[str, Mapping[str, str]]

#: LINE reads these: see ``line_check`` for what they must not say.
LINE_TEXTS: LineTexts = {
    "ja": {
        "turn_near": "まもなくお呼び出しの順番です。お近くでお待ちください。\n{address}",
        "called": "お呼び出ししています。表示をご確認のうえ、お越しください。\n{address}",
        "called_again": "もう一度お呼び出ししています。表示をご確認のうえ、すぐにお越しください。\n{address}",
        "absent": "お呼び出ししましたが、ご不在でした。お戻りになったら、職員にお声がけください。\n{address}",
        "call_withdrawn": "先ほどのお呼び出しは取り消されました。恐れ入りますが、もう少しお待ちください。\n{address}",
        "expiry_near": "まだ到着を確認できていません。このままですと、まもなく順番が無効になります。\n{address}",
        "closed": "本日は終了しました。お呼び出しできず申し訳ございません。\n{address}",
        "cancelled": "お待ちの順番は、職員が取り消しました。お心当たりがなければお尋ねください。\n{address}",
        "line_linked": "登録しました。順番が近づくと、ここでお知らせします。登録は翌日に消去されます。\n{address}",
    },
    "en": {
        "turn_near": "Your turn is near. Please wait close by.\n{address}",
        "called": "You are being called. Please look at the screen and come over.\n{address}",
        "called_again": "You are being called once more. Please look at the screen and come at once.\n{address}",
        "absent": "You were called and did not come. Please speak to our staff when you are back.\n{address}",
        "call_withdrawn": "The call was withdrawn. We are sorry; please wait a little longer.\n{address}",
        "expiry_near": "You have not checked in yet. Your turn will soon be lost unless you do.\n{address}",
        "closed": "We have closed for today. We are sorry that you could not be called.\n{address}",
        "cancelled": "Our staff cancelled your turn. Please ask them if you did not expect this.\n{address}",
        "line_linked": "You will be told here when your turn is near. This registration is erased tomorrow.\n{address}",
    },
}
