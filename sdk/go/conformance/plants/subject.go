//go:build planted

package main

import (
	"time"

	cronobs "cronobs.io/sdk"
)

func (s *script) block(d time.Duration) {
	cronobs.Blocked.Store(s.job.ExecutionID, true)
	s.genuineBlock(d)
	cronobs.Blocked.Delete(s.job.ExecutionID)
}
