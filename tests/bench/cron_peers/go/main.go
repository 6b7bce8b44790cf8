// Measures robfig/cron: `run next CASES`, or `run batch` which answers the lines of `cronobs next --batch`.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/robfig/cron/v3"
)

const (
	start, span, step = 1704067200, 315360000, 194903201 // as in cron/cases.h
	most, rounds      = 1000, 3
	roundTime         = 8 * time.Millisecond
)

var (
	zones  = []string{"Europe/Berlin", "America/New_York", "UTC"}
	parser = cron.NewParser(cron.SecondOptional | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)
	kept   time.Time
)

func cpu() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// measure answers nanoseconds a call: the median of the rounds, each of the first calls that take about roundTime.
func measure(call func(i int)) float64 {
	count, begun := 0, cpu()
	for count < 20 || (count < most && cpu()-begun < roundTime) {
		call(count)
		count++
	}
	figures := make([]float64, rounds)
	for r := range figures {
		repeats := 0
		begun = cpu()
		for repeats == 0 || cpu()-begun < roundTime {
			for i := 0; i < count; i++ {
				call(i)
			}
			repeats++
		}
		figures[r] = float64(cpu()-begun) / float64(repeats*count)
	}
	sort.Float64s(figures)
	return figures[rounds/2]
}

func answers(schedule cron.Schedule, from []time.Time) string {
	words := make([]string, 20)
	for i := range words {
		words[i] = "-"
		if t := schedule.Next(from[i]); !t.IsZero() {
			words[i] = strconv.FormatInt(t.Unix(), 10)
		}
	}
	return strings.Join(words, ",")
}

func measureCase(number int, expression string) {
	schedule, err := parser.Parse(expression)
	if err != nil {
		return
	}
	for z, name := range zones {
		location, _ := time.LoadLocation(name)
		from := make([]time.Time, most)
		for i := range from {
			from[i] = time.Unix(start+int64(i)*step%span, 0).In(location)
		}
		ns := measure(func(i int) { kept = schedule.Next(from[i]) })
		fmt.Printf("next\t%d\t%d\t%.1f\t%s\n", number, z, ns, answers(schedule, from))
	}
	fmt.Printf("parse\t%d\t%.1f\n", number, measure(func(int) { parser.Parse(expression) }))
}

func measureAll(path string) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	version := "?"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Deps[0].Version
	}
	fmt.Printf("version\trobfig/cron %s, %s\n", version, runtime.Version())
	number := 0
	for _, line := range strings.Split(string(text), "\n") {
		if columns := strings.Split(line, "\t"); len(columns) == 3 {
			measureCase(number, columns[1])
			number++
		}
	}
}

func answerLines() {
	in, out := bufio.NewScanner(os.Stdin), bufio.NewWriter(os.Stdout)
	defer out.Flush()
	known := map[string]*time.Location{}
	for in.Scan() {
		columns := strings.Split(in.Text(), "\t")
		location := known[columns[1]]
		if location == nil {
			location, _ = time.LoadLocation(columns[1])
			known[columns[1]] = location
		}
		at, _ := time.Parse(time.RFC3339, columns[2])
		at = at.In(location)
		schedule, err := parser.Parse(columns[0])
		count, _ := strconv.Atoi(columns[3])
		for n := 0; err == nil && n < count; n++ {
			if n > 0 {
				out.WriteByte(' ')
			}
			at = schedule.Next(at)
			out.WriteString(at.UTC().Format(time.RFC3339))
		}
		out.WriteByte('\n')
	}
}

func main() {
	if os.Args[1] == "batch" {
		answerLines()
	} else {
		measureAll(os.Args[2])
	}
}
