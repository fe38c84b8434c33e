"""The commonest function words of some languages, to see that a text is not English. Data only.

Words that English has too are left out.
"""

_WORDS = {
    "German": """
        der das und ist nicht ein eine einen einem mit auf für von den dem des auch sich wird werden wenn dass
        man ich wir sie es im zu aus bei oder nur noch über hat haben kann sind als wie mehr durch danach zuerst
        muss würde
    """,
    "French": """
        le la les des une est et que qui dans pour pas sur avec il elle nous vous ne se ce cette du au aux par
        plus sont ont être fait peut mais comme ou où leur ensuite d'abord
    """,
    "Spanish": """
        el la los las una es y que en de del por para con no se lo su un como más pero al son está hay muy ya
        también cuando sobre entre si porque todo después primero
    """,
    "Portuguese": """
        os as uma é e que em de do da dos das por para com não se seu sua um como mais mas ao são está há muito
        já também quando sobre entre porque tudo depois primeiro
    """,
    "Italian": """
        il lo gli una è e che di del della dei per con non si suo un come più ma al sono ha molto già anche
        quando su tra perché tutto dopo prima nel nella
    """,
    "Dutch": """
        het een en van ik te dat die niet zijn op aan met voor er maar om hem ook nog bij uit ze wordt worden
        naar dan als wel geen deze door eerst daarna moet
    """,
    "Polish": """
        i w nie na się z do to że jest jak o ale po co tak za od są dla przez oraz być może które który tego tym
        najpierw potem
    """,
    "Turkish": """
        bir ve bu da de için ile çok daha en gibi olarak var olan ne kadar sonra ama o değil mi ya her şey önce
        ise veya
    """,
}

FOREIGN_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
