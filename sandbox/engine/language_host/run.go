package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// messageShown is the exit code by which the executor says that it has already shown the error to the user.
const messageShown = 32

// Run executes a program and waits for its end. Its output goes to the host's own, which the engine shows.
func (h *host) Run(call context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if request.AttachDebugger {
		return nil, status.Error(codes.Unimplemented, "debuggers need an installed Pulumi CLI: https://www.pulumi.com/docs/install/")
	}
	ctx, stop := h.joined(call)
	defer stop()
	options, err := parseOptions(request.Info)
	if err != nil {
		return nil, err
	}
	python, err := options.resolve()
	if err != nil {
		return nil, err
	}
	if err := checkTypes(ctx, python, options.typechecker, request.Info.ProgramDirectory); err != nil {
		return nil, err
	}

	variables, err := configVariables(request)
	if err != nil {
		return nil, err
	}
	// Unbuffered, so that what a program prints is shown while it runs.
	command, err := python.Command(ctx, append([]string{"-u", h.executor}, h.programArguments(request)...)...)
	if err != nil {
		return nil, err
	}
	program := prepare(ctx, command)
	program.Env = environment(inherited(command), variables...)
	program.Stdout, program.Stderr = os.Stdout, os.Stderr
	return runResponse(ctx, program.Run())
}

// runResponse tells the engine how a program ended.
func runResponse(ctx context.Context, err error) (*pulumirpc.RunResponse, error) {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case ctx.Err() != nil:
		return nil, status.Error(codes.Canceled, "the program was cancelled")
	case !errors.As(err, &exit):
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("could not start Python: %v", err)}, nil
	}
	if ended, ok := exit.Sys().(syscall.WaitStatus); ok && ended.Signaled() {
		return &pulumirpc.RunResponse{
			Error: fmt.Sprintf("Program was ended by signal %d (%v)", ended.Signal(), ended.Signal()),
		}, nil
	}
	if exit.ExitCode() == messageShown {
		return &pulumirpc.RunResponse{Bail: true}, nil
	}
	return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", exit.ExitCode())}, nil
}

// programArguments is the command line of the executor: what the program's SDK needs to reach the engine.
func (h *host) programArguments(request *pulumirpc.RunRequest) []string {
	var arguments []string
	for _, argument := range []struct{ name, value string }{
		{"monitor", request.MonitorAddress},
		{"engine", h.engineAddress},
		{"project", request.Project},
		{"root_directory", request.Info.RootDirectory},
		{"stack", request.Stack},
		{"pwd", request.Pwd},
		{"dry_run", strconv.FormatBool(request.DryRun)},
		{"parallel", strconv.Itoa(int(request.Parallel))},
		{"tracing", h.tracing},
		{"organization", request.Organization},
	} {
		if argument.value != "" {
			arguments = append(arguments, "--"+argument.name, argument.value)
		}
	}
	arguments = append(arguments, request.Info.EntryPoint)
	return append(arguments, request.Args...)
}

// configVariables hands the stack's configuration to the SDK, which parses both variables: an absent map or list must
// be an empty one, not JSON's null.
func configVariables(request *pulumirpc.RunRequest) ([]string, error) {
	config, secretKeys := request.Config, request.ConfigSecretKeys
	if config == nil {
		config = map[string]string{}
	}
	if secretKeys == nil {
		secretKeys = []string{}
	}
	configJSON, err := json.Marshal(config)
	if err != nil {
		return nil, fmt.Errorf("writing the configuration: %w", err)
	}
	secretKeysJSON, err := json.Marshal(secretKeys)
	if err != nil {
		return nil, fmt.Errorf("writing the names of the secret settings: %w", err)
	}
	return []string{"PULUMI_CONFIG=" + string(configJSON), "PULUMI_CONFIG_SECRET_KEYS=" + string(secretKeysJSON)}, nil
}

// checkTypes runs the type checker that the project asks for; its findings stop the run.
func checkTypes(ctx context.Context, python toolchain.Toolchain, checker, directory string) error {
	if checker == "" {
		return nil
	}
	var arguments []string
	if checker == "mypy" {
		// The program's own environment is not the program's code.
		if environment, err := python.VirtualEnvPath(ctx); err == nil && environment != "" {
			if relative, err := filepath.Rel(directory, environment); err == nil {
				arguments = append(arguments, "--exclude", relative)
			}
		}
	}
	command, err := python.ModuleCommand(ctx, checker, append(arguments, directory)...)
	if err != nil {
		return err
	}
	check := prepare(ctx, command)
	check.Dir = directory
	check.Stdout, check.Stderr = os.Stdout, os.Stderr
	if err := check.Run(); err != nil {
		return fmt.Errorf("runtime.options.typechecker: %s failed: %w", checker, err)
	}
	return nil
}
