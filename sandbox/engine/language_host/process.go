package main

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"google.golang.org/grpc"
)

// stopGrace is how long a child may take to end after it was asked to. The engine gives the host five seconds.
const stopGrace = 3 * time.Second

// prepare lets a child end with ctx: it is asked first (SIGTERM, to its whole process group, so that processes it
// started end too), then killed. Its own group also keeps a terminal's Ctrl-C away from it: the engine decides when a
// program is cancelled, and an interrupted Python would print a traceback that is no fault of the program.
func prepare(ctx context.Context, command *exec.Cmd) *exec.Cmd {
	prepared := exec.CommandContext(ctx, command.Path, command.Args[1:]...)
	prepared.Env = command.Env
	prepared.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	prepared.Cancel = func() error {
		return syscall.Kill(-prepared.Process.Pid, syscall.SIGTERM)
	}
	prepared.WaitDelay = stopGrace
	return prepared
}

// environment sets the variables `changes` in `base`.
func environment(base []string, changes ...string) []string {
	changed := map[string]bool{}
	for _, variable := range changes {
		name, _, _ := strings.Cut(variable, "=")
		changed[name] = true
	}
	joined := make([]string, 0, len(base)+len(changes))
	for _, variable := range base {
		if name, _, _ := strings.Cut(variable, "="); !changed[name] {
			joined = append(joined, variable)
		}
	}
	return append(joined, changes...)
}

// inherited returns the environment of a command that a toolchain made; a nil one means the host's own.
func inherited(command *exec.Cmd) []string {
	if command.Env == nil {
		return os.Environ()
	}
	return command.Env
}

// oneAtATime lets two writers, of standard output and standard error, share one gRPC stream, which takes one message
// at a time.
type oneAtATime[Message any] struct {
	grpc.ServerStreamingServer[Message]
	sending sync.Mutex
}

func (s *oneAtATime[Message]) Send(message *Message) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.ServerStreamingServer.Send(message)
}
