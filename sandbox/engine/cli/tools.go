//go:build tools

// Package cli names the Pulumi command line as a dependency, so that go.mod and go.sum pin all that it is built from.
package cli

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
