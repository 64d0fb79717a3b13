package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// RunPlugin executes a plugin that is a folder of Python and streams its output until it ends.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	if request.AttachDebugger {
		return status.Error(codes.Unimplemented, "debuggers need an installed Pulumi CLI: https://www.pulumi.com/docs/install/")
	}
	ctx, stop := h.joined(server.Context())
	defer stop()
	options, err := parseOptions(request.Info)
	if err != nil {
		return err
	}
	options.defaultVirtualenv()
	python, err := options.resolve()
	if err != nil {
		return err
	}
	command, err := pluginCommand(ctx, python, request)
	if err != nil {
		return err
	}

	stream := &oneAtATime[pulumirpc.RunPluginResponse]{ServerStreamingServer: server}
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(stream, false)
	if err != nil {
		return err
	}
	defer closer.Close()
	plugin := prepare(ctx, command)
	plugin.Dir = request.Pwd
	if plugin.Env, err = pluginEnvironment(ctx, python, request.Env); err != nil {
		return err
	}
	plugin.Stdout, plugin.Stderr = stdout, stderr
	if err := plugin.Run(); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			return fmt.Errorf("running the plugin in %s: %w", request.Info.ProgramDirectory, err)
		}
		return stream.Send(&pulumirpc.RunPluginResponse{
			Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(exit.ExitCode())}, //nolint:gosec // 8 bits
		})
	}
	return closer.Close()
}

// pluginCommand is how a plugin starts: a policy pack by the SDK's policy runner, a folder with a `__main__.py` as it
// is, a package by its name.
func pluginCommand(
	ctx context.Context, python toolchain.Toolchain, request *pulumirpc.RunPluginRequest,
) (*exec.Cmd, error) {
	directory := request.Info.ProgramDirectory
	if request.Kind == "analyzer" {
		if len(request.Args) == 0 {
			return nil, fmt.Errorf("the engine gave no address to the policy pack in %s", directory)
		}
		last := len(request.Args) - 1
		arguments := append([]string{request.Args[last], directory}, request.Args[:last]...)
		return python.ModuleCommand(ctx, "pulumi.policy", arguments...)
	}
	if _, err := os.Stat(filepath.Join(directory, "__main__.py")); err == nil {
		return python.Command(ctx, append([]string{"-u", directory}, request.Args...)...)
	}
	buildable, err := toolchain.IsBuildablePackage(directory)
	if err != nil {
		return nil, err
	}
	if !buildable {
		return nil, fmt.Errorf(
			"%s is no Python plugin: it has neither a __main__.py nor a pyproject.toml with a build system", directory)
	}
	project, err := toolchain.LoadPyproject(directory)
	if err != nil {
		return nil, err
	}
	return python.ModuleCommand(ctx, "pulumi.run.plugin", append([]string{project.Project.Name}, request.Args...)...)
}

// pluginEnvironment is the environment that the engine gives, with the plugin's virtual environment first on PATH.
func pluginEnvironment(ctx context.Context, python toolchain.Toolchain, given []string) ([]string, error) {
	if len(given) == 0 {
		given = os.Environ()
	}
	path, err := python.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	if path == "" {
		return given, nil
	}
	return toolchain.ActivateVirtualEnv(given, path), nil
}
