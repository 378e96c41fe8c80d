// Package command asks a program whether credentials are right: it writes the
// submitted fields as one JSON object to the program's standard input and reads
// the exit status and a JSON object from its standard output.
//
//	c, err := command.New(command.Config{Argv: []string{"/usr/local/lib/acme/check"}})
//	…
//	provider := ostiary.Provider{Name: "Acme", Form: fields, Authorize: c.Authorize, HonorsContext: true}
//
// # What the program reads
//
// One line, then the end of the input:
//
//	{"version":1,"action":"authorize","fields":{"username":"jsmith","password":"open sesame"},
//	 "client":{"address":"192.0.2.7"},"reference":"K3VQ8WTD"}
//
// Fields are texts, byte for byte as they were typed. The address, the reference
// and, in the answer to a next step, "state" are there when they are known. With
// Config.Lookup it is also asked for users without a password:
//
//	{"version":1,"action":"lookup","id":"1042"}
//
// A program refuses a version and an action that it does not know with an exit
// status above 2. Members may be added within version 1.
//
// # What it answers
//
//	exit 0 and a JSON object with an id      the user
//	exit 1                                   refused; "code", "message" and "retry_after" (seconds)
//	                                         of a JSON object on its output reach the person
//	exit 2 and a JSON object with "next"     a next step (see below)
//	everything else                          unavailable
//
// The user is {"id":"1042","name":…,"email":…,"image":…,"groups":["staff"],"claims":{…}},
// of which id alone is required; all but groups and claims are texts. The answer is
// read strictly: at most 64 KiB, valid UTF-8, one object, no name twice in it, no
// members but these. An image that is neither an http or https URL nor a path is
// left out, and so is null.
//
// Everything else is: another exit status, death by a signal, no answer within
// Config.Timeout, an answer that is none of these. So is exit 1 of a lookup
// without a JSON object on its output ({} will do): interpreters end with 1 when
// they crash, and nobody is signed out for that.
//
// # Next step
//
// A program that needs more ends with 2 and
//
//	{"next": {
//	  "code": "sms", "title": "Check your phone", "message": "We sent a code to …42",
//	  "fields": [{"name": "otp", "label": "Code", "inputmode": "numeric"}],
//	  "state": {"transaction": "8f14e4"}
//	}}
//
// All members are optional. The keys of a field are those of a configuration
// file ([form.FromMap]); instead of a list, fields may be an object of names. The
// next call has the new fields and "state" as it was, at most 1 KiB: the program
// itself remembers nothing.
//
// # How it runs
//
// There is no shell. The arguments are those of the configuration, the
// environment is Config.Env and PATH, the directory is the root: values travel on
// the standard input only, where neither ps nor /proc shows them. What the
// program writes to its standard error goes to the log, at most 4 KiB a run,
// without the values of the fields.
//
// On Unix it leads a process group of its own. When the time is over, when the
// caller leaves, or when it writes too much, the group gets SIGTERM and after
// Config.Grace SIGKILL; when it ends, whatever is left of its group gets SIGKILL.
// A process that leaves the group with setsid is beyond reach; one that holds the
// standard output then makes the answer count as unfinished. On Windows the
// program alone is ended.
package command
