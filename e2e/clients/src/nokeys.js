// v4 has no client for passkeys.
export {}
