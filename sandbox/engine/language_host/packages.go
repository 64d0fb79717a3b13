package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

const (
	pluginFile     = "pulumi-plugin.json"
	metadataSuffix = ".dist-info"
)

var (
	// A plugin's version can be taken from its package only if that is a plain release: "3.1.0a1700000000" does not
	// say which build of the plugin it belongs to.
	releaseVersion = regexp.MustCompile(`^\d+\.\d+(\.\d+)?$`)
	// Packages that are named like a provider's SDK but have no plugin.
	withoutPlugin = map[string]bool{"pulumi-policy": true}
)

// GetRequiredPackages lists the Pulumi plugins that the program's installed packages need.
//
// The folder of installed packages is read directly: asking pip costs half a second in each preview.
func (h *host) GetRequiredPackages(
	call context.Context, request *pulumirpc.GetRequiredPackagesRequest,
) (*pulumirpc.GetRequiredPackagesResponse, error) {
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
	folders, err := packageFolders(ctx, python)
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.GetRequiredPackagesResponse{}
	for _, folder := range folders {
		packages, err := packagesIn(folder)
		if err != nil {
			return nil, err
		}
		response.Packages = append(response.Packages, packages...)
	}
	return response, nil
}

// packageFolders returns the site-packages folders of the program's Python. Those of a virtual environment follow from
// its path; only an ambient Python must be asked.
func packageFolders(ctx context.Context, python toolchain.Toolchain) ([]string, error) {
	environment, err := python.VirtualEnvPath(ctx)
	if err != nil {
		return nil, err
	}
	if environment != "" {
		return filepath.Glob(filepath.Join(environment, "lib", "python*", "site-packages"))
	}
	command, err := python.Command(ctx, "-c",
		"import site; print('\\n'.join([*site.getsitepackages(), site.getusersitepackages()]))")
	if err != nil {
		return nil, err
	}
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("asking Python for its packages: %w", err)
	}
	return strings.Fields(string(output)), nil
}

// packagesIn reads one site-packages folder: each top-level package with a pulumi-plugin.json, and each distribution
// named pulumi-* without one. A folder that does not exist holds none.
func packagesIn(folder string) ([]*pulumirpc.PackageDependency, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	versions := map[string]string{}
	described := map[string]*plugin.PulumiPluginJSON{}
	for _, entry := range entries {
		name := entry.Name()
		if metadata, ok := strings.CutSuffix(name, metadataSuffix); ok {
			distribution, version, _ := strings.Cut(metadata, "-")
			versions[normalized(distribution)] = version
			continue
		}
		description, err := plugin.LoadPulumiPluginJSON(filepath.Join(folder, name, pluginFile))
		if err == nil {
			described[normalized(name)] = description
		} else if !errors.Is(err, os.ErrNotExist) && entry.IsDir() {
			return nil, fmt.Errorf("reading %s: %w", filepath.Join(folder, name, pluginFile), err)
		}
	}
	for name := range versions {
		if _, ok := described[name]; !ok && strings.HasPrefix(name, "pulumi-") && !withoutPlugin[name] {
			described[name] = &plugin.PulumiPluginJSON{Resource: true}
		}
	}

	names := make([]string, 0, len(described))
	for name := range described {
		names = append(names, name)
	}
	sort.Strings(names)
	var packages []*pulumirpc.PackageDependency
	for _, name := range names {
		if dependency := packageDependency(name, versions[name], described[name]); dependency != nil {
			packages = append(packages, dependency)
		}
	}
	return packages, nil
}

// normalized is a distribution's name as the package index compares it.
func normalized(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(name))
}

// packageDependency describes the plugin of one package; nil if it has none or its version cannot be known.
func packageDependency(
	distribution, version string, description *plugin.PulumiPluginJSON,
) *pulumirpc.PackageDependency {
	if !description.Resource {
		return nil
	}
	dependency := &pulumirpc.PackageDependency{
		Kind:    "resource",
		Name:    description.Name,
		Version: description.Version,
		Server:  description.Server,
	}
	if dependency.Name == "" {
		dependency.Name = strings.TrimPrefix(distribution, "pulumi-")
	}
	if dependency.Version == "" {
		if !releaseVersion.MatchString(version) {
			return nil
		}
		dependency.Version = version
	}
	if !strings.HasPrefix(dependency.Version, "v") {
		dependency.Version = "v" + dependency.Version
	}
	dependency.Parameterization = parameterization(description.Parameterization)
	dependency.Extension = parameterization(description.ExtensionParameterization)
	return dependency
}

func parameterization(description *plugin.PulumiParameterizationJSON) *pulumirpc.PackageParameterization {
	if description == nil {
		return nil
	}
	return &pulumirpc.PackageParameterization{
		Name:    description.Name,
		Version: description.Version,
		Value:   description.Value,
	}
}
