package cronobs

import "fmt"

// What a record must keep to be run: of anything else nobody would take in what is said about it.
const (
	textMax    = 200 // bytes
	payloadMax = 65_536
	labelsMax  = 32
	labelMax   = 128 // bytes, name and value together
	attemptMax = 32_767
)

// checkExecution returns a *malformed with the reason. partitions: of status.
func checkExecution(e *execution, partitions int32) error {
	if e.statusPartition < 0 || e.statusPartition >= partitions {
		return malformedf("its status_partition %d does not exist", e.statusPartition)
	}
	if err := within("attempt", int(e.attempt), 1, attemptMax); err != nil {
		return err
	}
	if err := within("max_attempts", int(e.maxAttempts), 0, attemptMax); err != nil {
		return err
	}
	if err := within("payload bytes", len(e.payload), 0, payloadMax); err != nil {
		return err
	}
	for _, text := range []struct {
		name string
		of   *string
	}{{"task_key", &e.taskKey}, {"project", &e.project}, {"zone", e.zone}, {"tzdata", e.tzdata}, {"content_type", e.contentType}} {
		if text.of == nil {
			continue
		}
		if len(*text.of) > textMax {
			return within(text.name+" bytes", len(*text.of), 0, textMax)
		}
	}
	return checkLabels(e.labels)
}

func checkLabels(labels map[string]string) error {
	if err := within("labels", len(labels), 0, labelsMax); err != nil {
		return err
	}
	for name, value := range labels {
		if size := len(name) + len(value); size > labelMax {
			return within(fmt.Sprintf("bytes of label '%.40s'", name), size, 0, labelMax)
		}
	}
	return nil
}

func within(what string, value, low, high int) error {
	if value < low || value > high {
		return malformedf("%s: %d is outside %d-%d", what, value, low, high)
	}
	return nil
}
