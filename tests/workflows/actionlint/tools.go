//go:build tools

// Package tools pins actionlint by hash; it is built from here.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
