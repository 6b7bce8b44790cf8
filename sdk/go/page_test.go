package cronobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// docs/workers/go.md: its examples are compiled and tested as they stand there, and its table is the settings' own.

func page(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/workers/go.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestThePageHasTheTableOfSettings(t *testing.T) {
	text := page(t)
	for _, s := range settings {
		fallback := ""
		if s.fallback != "" {
			fallback = "`" + s.fallback + "`"
		}
		if row := fmt.Sprintf("| `%s` | `%s` | %s | %s |", s.field, s.variable, fallback, s.help); !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
}

func TestTheExamplesOfThePagePassTheirOwnTest(t *testing.T) {
	folder := t.TempDir()
	here, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	files := []string{"main.go", "main_test.go", "backup.go", "api.go"}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(page(t), -1)
	if len(blocks) != len(files) {
		t.Fatalf("%d examples", len(blocks))
	}
	for number, name := range files {
		write(t, filepath.Join(folder, name), blocks[number][1])
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text = []byte(strings.Replace(string(text), "module cronobs.io/sdk", "module reports", 1))
		if name == "go.mod" {
			text = fmt.Appendf(text, "\nrequire cronobs.io/sdk v0.0.0\n\nreplace cronobs.io/sdk => %s\n", here)
		}
		write(t, filepath.Join(folder, name), string(text))
	}
	command := exec.Command("go", "test", "-mod=mod", ".")
	command.Dir = folder
	command.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
