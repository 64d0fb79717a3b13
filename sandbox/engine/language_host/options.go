package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// pluginVirtualenv is where a plugin's environment is looked for when its project file names none, as in an installed
// Pulumi: a plugin never runs in the ambient Python.
const pluginVirtualenv = "venv"

// options are runtime.options of Pulumi.yaml, PulumiPlugin.yaml or PulumiPolicy.yaml.
type options struct {
	python        toolchain.PythonOptions
	toolchainName string
	// typechecker is "", "mypy" or "pyright".
	typechecker string
}

// parseOptions reads the options of a program and reports everything that is wrong with them at once.
func parseOptions(info *pulumirpc.ProgramInfo) (options, error) {
	if info == nil {
		return options{}, fmt.Errorf("the engine sent no program: it is older than 3.200")
	}
	parsed := options{
		python:        toolchain.PythonOptions{Root: info.RootDirectory, ProgramDir: info.ProgramDirectory},
		toolchainName: "pip",
	}
	var mistakes []string
	oneOf := func(key string, value any, allowed ...string) string {
		for _, name := range allowed {
			if value == name {
				return name
			}
		}
		mistakes = append(mistakes, fmt.Sprintf("runtime.options.%s is %#v, allowed: %s",
			key, value, strings.Join(allowed, ", ")))
		return ""
	}
	given := info.Options.AsMap()
	for _, key := range sortedKeys(given) {
		value := given[key]
		switch key {
		case "virtualenv":
			path, isString := value.(string)
			if !isString {
				mistakes = append(mistakes,
					fmt.Sprintf("runtime.options.virtualenv is %#v, allowed: a path such as \".venv\"", value))
			}
			parsed.python.Virtualenv = path
		case "toolchain":
			parsed.toolchainName = oneOf(key, value, "pip", "poetry", "uv")
		case "typechecker":
			parsed.typechecker = oneOf(key, value, "mypy", "pyright")
		}
	}
	if len(mistakes) > 0 {
		return options{}, fmt.Errorf("%s: %s", info.RootDirectory, strings.Join(mistakes, "; "))
	}
	switch parsed.toolchainName {
	case "poetry":
		parsed.python.Toolchain = toolchain.Poetry
	case "uv":
		parsed.python.Toolchain = toolchain.Uv
	default:
		parsed.python.Toolchain = toolchain.Pip
	}
	return parsed, nil
}

func sortedKeys(values map[string]any) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}

// defaultVirtualenv gives a plugin its own environment where its project file names none.
func (o *options) defaultVirtualenv() {
	if o.python.Toolchain == toolchain.Pip && o.python.Virtualenv == "" {
		o.python.Virtualenv = pluginVirtualenv
	}
}

// resolve returns the toolchain after a look at its virtual environment: a missing one is a person's to make, and is
// answered with the one command that does it.
func (o options) resolve() (toolchain.Toolchain, error) {
	if o.python.Toolchain == toolchain.Pip && o.python.Virtualenv != "" {
		path := o.python.Virtualenv
		if !filepath.IsAbs(path) {
			path = filepath.Join(o.python.Root, path)
		}
		if !toolchain.IsVirtualEnv(path) {
			return nil, fmt.Errorf("runtime.options.virtualenv is %q, but %s: run `%s` in %s to create it",
				o.python.Virtualenv, virtualenvFault(path), createCommand(o.python.Root), o.python.Root)
		}
	}
	return toolchain.ResolveToolchain(o.python)
}

func virtualenvFault(path string) string {
	if _, err := os.Stat(path); err != nil {
		return path + " does not exist"
	}
	return path + " is not a virtual environment (it has no bin/python)"
}

// createCommand names what creates the environment: the project's own set-up if it has one.
func createCommand(root string) string {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err == nil && strings.Contains("\n"+string(makefile), "\nsetup:") {
		return "make setup"
	}
	return "pulumi install"
}
