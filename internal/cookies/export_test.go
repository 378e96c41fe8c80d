package cookies

func Escape(s string) string { return string(appendEscaped(nil, s)) }
