#pragma once
// Runs the scripts of tests/checkers/<check>/*.txt: a hand-made trace above a line of dashes, what
// the folder's checker makes of it below.
//
//     # A comment.
//     settings settle=2s min_isr=2          (optional; min_isr is the default for all topics)
//     settings unclean=false rack=1:a       (unclean elections are not enabled; a broker's rack)
//     settings voters=[1,2,3] persist_vote=off commit_own_epoch_only=off
//     settings retention_ms=1000 retention_bytes=100 cleanup_policy=compact
//     settings replica_lag=30s
//     settings one_in_flight=producer-a-0 compacted=t
//     1s broker-1 LogAppended p=t-0 base=0 last=9 epoch=0 crc=7
//     {"process":1,"type":"invoke","f":"poll","time":1000000000,"value":[["poll",{}]]}
//                                           (a line of a history, in its order among the events)
//     end 60s                               (optional; default is the last event's time)
//     ----
//     holds                                 (or `not evaluated`)
//     violation i=3: ...
//     permitted i=4: ...
//
// Events number themselves from 1. Attributes that do not matter may be left out, unknown ones are
// errors. BSIM_REWRITE=1 in the environment writes the outcome into the scripts.

#include <string>

namespace bsim::test {

struct ScriptOutcome {
    std::string error;  // the script itself is broken
    std::string text;   // what belongs below the dashes
};

// `text` is what stands above the dashes.
ScriptOutcome run_checker_script(const std::string& check, const std::string& text);

}  // namespace bsim::test
