package main

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/common/version"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host implements the LanguageRuntime service. Its methods stand in the file of their subject: running programs
// (run.go), running plugins (plugin.go), required packages (packages.go); the rest is here.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	// lifetime ends when the engine cancels the host, is gone, or a signal arrives; child processes end with it.
	lifetime context.Context
	shutDown context.CancelFunc

	executor      string
	engineAddress string
	tracing       string
}

func newHost(lifetime context.Context, shutDown context.CancelFunc, executor, engineAddress, tracing string) *host {
	return &host{
		lifetime:      lifetime,
		shutDown:      shutDown,
		executor:      executor,
		engineAddress: engineAddress,
		tracing:       tracing,
	}
}

// Handshake takes the engine's address from an engine that attaches to a running host.
func (h *host) Handshake(
	_ context.Context, request *pulumirpc.LanguageHandshakeRequest,
) (*pulumirpc.LanguageHandshakeResponse, error) {
	if h.engineAddress == "" {
		h.engineAddress = request.EngineAddress
	}
	return &pulumirpc.LanguageHandshakeResponse{}, nil
}

// GetPluginInfo returns the version of the SDK that the host was built with.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: version.Version}, nil
}

// Cancel ends everything that runs.
func (h *host) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	h.shutDown()
	return &emptypb.Empty{}, nil
}

// About describes the Python that runs the program.
func (h *host) About(ctx context.Context, request *pulumirpc.AboutRequest) (*pulumirpc.AboutResponse, error) {
	options := options{toolchainName: "pip"}
	if request.GetInfo() != nil {
		var err error
		if options, err = parseOptions(request.Info); err != nil {
			return nil, err
		}
	}
	python, err := toolchain.ResolveToolchain(options.python)
	if err != nil {
		return nil, err
	}
	info, err := python.About(ctx)
	if err != nil {
		return nil, err
	}
	metadata := map[string]string{"toolchain": options.toolchainName}
	if info.ToolchainVersion.String() != "0.0.0" {
		metadata["toolchainVersion"] = info.ToolchainVersion.String()
	}
	return &pulumirpc.AboutResponse{
		Executable: info.PythonExecutable,
		Version:    info.PythonVersion.String(),
		Metadata:   metadata,
	}, nil
}

// GetProgramDependencies lists the distributions that are installed for the program, as `pulumi about` shows them.
func (h *host) GetProgramDependencies(
	ctx context.Context, request *pulumirpc.GetProgramDependenciesRequest,
) (*pulumirpc.GetProgramDependenciesResponse, error) {
	options, err := parseOptions(request.Info)
	if err != nil {
		return nil, err
	}
	python, err := options.resolve()
	if err != nil {
		return nil, err
	}
	packages, err := python.ListPackages(ctx, request.TransitiveDependencies)
	if err != nil {
		return nil, fmt.Errorf("listing the program's packages: %w", err)
	}
	response := &pulumirpc.GetProgramDependenciesResponse{}
	for _, found := range packages {
		response.Dependencies = append(response.Dependencies,
			&pulumirpc.DependencyInfo{Name: found.Name, Version: found.Version})
	}
	return response, nil
}

// InstallDependencies creates the virtual environment and installs the program's requirements (`pulumi install`).
func (h *host) InstallDependencies(
	request *pulumirpc.InstallDependenciesRequest, server pulumirpc.LanguageRuntime_InstallDependenciesServer,
) error {
	options, err := parseOptions(request.Info)
	if err != nil {
		return err
	}
	if request.IsPlugin {
		options.defaultVirtualenv()
	}
	python, err := toolchain.ResolveToolchain(options.python)
	if err != nil {
		return err
	}
	stream := &oneAtATime[pulumirpc.InstallDependenciesResponse]{ServerStreamingServer: server}
	closer, stdout, stderr, err := rpcutil.MakeInstallDependenciesStreams(stream, request.IsTerminal)
	if err != nil {
		return err
	}
	defer closer.Close()
	ctx, stop := h.joined(server.Context())
	defer stop()
	if err := python.InstallDependencies(ctx, request.Info.ProgramDirectory, request.UseLanguageVersionTools,
		true, stdout, stderr); err != nil {
		return err
	}
	return closer.Close()
}

// joined returns a context that ends with the call and with the host, whichever is first.
func (h *host) joined(call context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(call)
	stop := context.AfterFunc(h.lifetime, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}
