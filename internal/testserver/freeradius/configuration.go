package freeradius

import (
	"strconv"
	"strings"
)

const dictionary = "$INCLUDE /usr/share/freeradius/dictionary\n"

const users = `ada Cleartext-Password := "open sesame"
	Class = "OU=staff;",
	Class += "OU=admins;",
	Class += 0x00ff10,
	Filter-Id = "office"

ürsula Cleartext-Password := "schön"

Carla Cleartext-Password := "open sesame"
	User-Name = "carla@example.com"

late Cleartext-Password := "something else"
	Reply-Message = "Password Has Expired"

otto Cleartext-Password := "open sesame"

eva Cleartext-Password := "open sesame"
`

// configuration is that of the server: one setting a line.
func (s *Server) configuration() string {
	signed, listen := "update reply {\n&Message-Authenticator := 0x00\n}", ""
	if s.options.Unsigned {
		signed = ""
	}
	if s.options.RadSec {
		listen = radsec
	}
	return strings.NewReplacer(
		"@SIGNED@", signed, "@FOLDER@", s.folder, "@PORT@", strconv.Itoa(s.port), "@TLSPORT@", strconv.Itoa(s.tls), "@SECRET@", Secret,
	).Replace(strings.ReplaceAll(base, "@RADSEC@", listen))
}

const base = `
libdir = /usr/lib/freeradius
logdir = @FOLDER@
run_dir = @FOLDER@
max_requests = 16384
cleanup_delay = 2
log {
	destination = files
	file = @FOLDER@/log
	auth = no
}
security {
	reject_delay = 0
	status_server = yes
}
thread pool {
	start_servers = 2
	max_servers = 4
	min_spare_servers = 1
	max_spare_servers = 4
}
client test {
	ipaddr = 127.0.0.1
	secret = "@SECRET@"
	require_message_authenticator = yes
}
clients radsec {
	client tlstest {
		ipaddr = 127.0.0.1
		proto = tls
		secret = radsec
		require_message_authenticator = yes
	}
}
modules {
	pap {
	}
	files {
		usersfile = @FOLDER@/users
	}
	always ok {
		rcode = ok
	}
	always handled {
		rcode = handled
	}
	always reject {
		rcode = reject
	}
}
server default {
	listen {
		type = auth
		ipaddr = 127.0.0.1
		port = @PORT@
	}
@RADSEC@
	authorize {
		Autz-Type Status-Server {
			@SIGNED@
			ok
		}
		files
		if (&User-Name == "late") {
			reject
		}
		if (&User-Name == "otto" || &User-Name == "eva") {
			if (!&State) {
				update control {
					&Auth-Type := challenge
				}
			}
			elsif (&User-Name == "otto" && &State == 0x6f74746f) {
				update control {
					&Cleartext-Password := "123456"
				}
			}
			elsif (&User-Name == "eva" && &State == 0x657661) {
				update control {
					&Auth-Type := again
				}
			}
			elsif (&User-Name == "eva" && &State == 0x65766132) {
				update control {
					&Cleartext-Password := "654321"
				}
			}
			else {
				reject
			}
		}
		pap
	}
	authenticate {
		Auth-Type PAP {
			pap
		}
		Auth-Type challenge {
			pap
			if (&User-Name == "otto") {
				update reply {
					&State := 0x6f74746f
					&Reply-Message := "Enter the code"
					&Prompt := No-Echo
				}
			}
			else {
				update reply {
					&State := 0x657661
					&Reply-Message := "Enter the code"
					&Prompt := Echo
				}
			}
			update control {
				&Response-Packet-Type := Access-Challenge
			}
			handled
		}
		Auth-Type again {
			update reply {
				&State := 0x65766132
				&Reply-Message := "And the next one"
				&Prompt := Echo
			}
			update control {
				&Response-Packet-Type := Access-Challenge
			}
			handled
		}
	}
	post-auth {
		@SIGNED@
		Post-Auth-Type REJECT {
			@SIGNED@
		}
		Post-Auth-Type Challenge {
			@SIGNED@
		}
	}
}
`

const radsec = `
	listen {
		type = auth
		ipaddr = 127.0.0.1
		port = @TLSPORT@
		proto = tcp
		clients = radsec
		limit {
			max_connections = 64
			lifetime = 0
			idle_timeout = 30
		}
		tls {
			private_key_file = @FOLDER@/server.key
			certificate_file = @FOLDER@/server.pem
			ca_file = @FOLDER@/ca.pem
			fragment_size = 8192
			cipher_list = "DEFAULT"
			tls_min_version = "1.2"
			tls_max_version = "1.2"
			require_client_cert = yes
			cache {
				enable = no
			}
		}
	}
`
