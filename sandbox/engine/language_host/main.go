// Command pulumi-language-python runs Pulumi programs and plugins written in Python for the Pulumi engine.
//
// The engine starts it with its own address as the last argument, reads the port of the LanguageRuntime service from
// the first line of standard output, and calls that service (proto/pulumi/language.proto of github.com/pulumi/pulumi).
// It is used only with an engine that was built from its modules: an installed Pulumi brings a host of its own, and
// both behave alike. What this one leaves out answers Unimplemented: code generation, packing and linking of SDKs, and
// debuggers.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// engineHealthInterval is how often the host asks whether the engine still lives; without an engine it ends itself, so
// that a killed command line leaves no processes behind.
const engineHealthInterval = 5 * time.Second

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-language-python: %v\n", err)
		os.Exit(1)
	}
}

// serve answers the engine until it is cancelled, signalled, or the engine is gone.
func serve(arguments []string) error {
	flags := flag.NewFlagSet("pulumi-language-python", flag.ContinueOnError)
	tracing := flags.String("tracing", "", "address that traces are sent to")
	flags.Bool("logtostderr", false, "accepted because the engine sends it; the host keeps no log")
	flags.Int("v", 0, "accepted because the engine sends it; the host keeps no log")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	executor, err := executorPath()
	if err != nil {
		return err
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	host := newHost(ctx, stop, executor, flags.Arg(flags.NArg()-1), *tracing)
	if host.engineAddress != "" {
		if err := rpcutil.Healthcheck(ctx, host.engineAddress, engineHealthInterval, stop); err != nil {
			return fmt.Errorf("watching the engine at %s: %w", host.engineAddress, err)
		}
	}

	cancelServer := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: cancelServer,
		Init: func(server *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(server, host)
			return nil
		},
	})
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		close(cancelServer)
	}()

	fmt.Printf("%d\n", handle.Port)
	return <-handle.Done
}

// executorPath finds the script that runs a program. It comes from the Pulumi SDK and stands beside this executable.
func executorPath() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding this executable: %w", err)
	}
	path := filepath.Join(filepath.Dir(self), "pulumi-language-python-exec")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the engine's folder is not complete: %w", err)
	}
	return path, nil
}
