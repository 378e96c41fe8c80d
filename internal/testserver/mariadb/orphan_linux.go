package mariadb

import "syscall"

// dieWithParent ends the server when the test binary ends, however that happens.
func dieWithParent(attributes *syscall.SysProcAttr) { attributes.Pdeathsig = syscall.SIGKILL }
