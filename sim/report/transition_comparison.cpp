#include "sim/report/transition_comparison.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "sim/model/partition_name.h"

namespace bsim {
namespace {

// How the recording's numbers become those of the run.
struct Terms {
    std::int32_t leader_epochs = 0;     // to be added
    std::int32_t partition_epochs = 0;  // to be added
    bool as_sets = false;
};

std::string isr_text(const std::vector<BrokerId>& isr) {
    std::string out;
    for (const BrokerId broker : isr)
        fmt::format_to(std::back_inserter(out), "{}{}", out.empty() ? "" : ",", broker.value());
    return out;
}

std::string state_text(const RecordedState& state) {
    const std::string leader = state.leader ? std::to_string(state.leader->value()) : "none";
    const std::string version =
        state.partition_epoch ? fmt::format("/{}", state.partition_epoch->value()) : "";
    return fmt::format("leader {} epoch {}{} isr {}", leader, state.leader_epoch.value(), version,
                       isr_text(state.isr));
}

std::vector<BrokerId> sorted(std::vector<BrokerId> brokers) {
    std::sort(brokers.begin(), brokers.end());
    return brokers;
}

RecordedState in_terms_of_run(RecordedState state, const Terms& terms) {
    state.leader_epoch = LeaderEpoch(state.leader_epoch.value() + terms.leader_epochs);
    if (state.partition_epoch)
        state.partition_epoch =
            PartitionEpoch(state.partition_epoch->value() + terms.partition_epochs);
    return state;
}

// Empty if they are the same.
std::string difference(const RecordedState& wanted, const RecordedState& got, bool as_sets) {
    std::string out;
    const auto tell = [&](const char* what) {
        out += (out.empty() ? "" : ", ") + std::string(what);
    };
    if (wanted.leader != got.leader)
        tell("leader");
    if (wanted.leader_epoch != got.leader_epoch)
        tell("leader epoch");
    if (wanted.partition_epoch && wanted.partition_epoch != got.partition_epoch)
        tell("partition epoch");
    const bool same_isr = as_sets ? sorted(wanted.isr) == sorted(got.isr) : wanted.isr == got.isr;
    if (!same_isr)
        tell(sorted(wanted.isr) == sorted(got.isr) ? "order of the isr" : "isr");
    return out;
}

bool expands(const RecordedState& before, const RecordedState& after) {
    return before.leader == after.leader && before.leader_epoch == after.leader_epoch &&
           after.isr.size() > before.isr.size();
}

// How many changes from `at` on are one race of members that join the ISR.
std::size_t race_length(const std::vector<RecordedState>& changes,
                        std::size_t at,
                        const RecordedState& before) {
    std::size_t count = 0;
    RecordedState last = before;
    while (at + count < changes.size() && expands(last, changes[at + count])) {
        last = changes[at + count];
        ++count;
    }
    return std::max<std::size_t>(count, 1);
}

class Comparing {
  public:
    Comparing(const RecordedStory& story, const RunChanges& run) : story_(story), run_(run) {
        out_.story = story.name;
        out_.p = story.p;
    }

    StoryComparison take() {
        if (!run_.exists) {
            out_.rows.push_back({"initial", state_text(story_.initial), "", std::nullopt,
                                 "the run has no such partition then"});
            return std::move(out_);
        }
        settle_terms();
        begin();
        for (const RecordedStep& step : story_.steps) {
            if (!step.changes.empty() || !step.after) {
                compare_changes(step);
            } else {
                reach(step);
            }
        }
        for (; next_ < run_.changes.size(); ++next_) {
            const RunChange& more = run_.changes[next_];
            out_.rows.push_back({"(after the last step)", "", state_text(more.state), more,
                                 "the recording has no such change"});
        }
        return std::move(out_);
    }

  private:
    void settle_terms() {
        terms_.leader_epochs =
            run_.initial.state.leader_epoch.value() - story_.initial.leader_epoch.value();
        if (const auto first = first_partition_epoch())
            terms_.partition_epochs = run_.initial.state.partition_epoch->value() - *first;
        const auto& mine = run_.initial.state.isr;
        terms_.as_sets = mine != story_.initial.isr && sorted(mine) == sorted(story_.initial.isr);
        if (terms_.leader_epochs != 0 || terms_.partition_epochs != 0) {
            out_.notes.push_back(fmt::format(
                "the recording begins at other epochs than the run: those of the recording are "
                "shown with {} added to leader epochs and {} to partition epochs",
                terms_.leader_epochs, terms_.partition_epochs));
        }
        if (terms_.as_sets)
            out_.notes.emplace_back(
                "the recording begins with the ISR in another order: ISRs are compared as sets");
    }

    // A recording that does not say with which one it begins: one before its first change.
    std::optional<std::int32_t> first_partition_epoch() const {
        if (story_.initial.partition_epoch)
            return story_.initial.partition_epoch->value();
        for (const RecordedStep& step : story_.steps) {
            for (const RecordedState& change : step.changes) {
                if (change.partition_epoch)
                    return change.partition_epoch->value() - 1;
            }
            if (!step.changes.empty())
                break;
        }
        return std::nullopt;
    }

    void begin() {
        const RecordedState wanted = in_terms_of_run(story_.initial, terms_);
        row("initial", wanted, &run_.initial, terms_.as_sets);
        last_recorded_ = wanted;
    }

    void row(const std::string& step,
             const RecordedState& wanted,
             const RunChange* got,
             bool as_sets) {
        ComparedRow out;
        out.step = step;
        out.recorded = state_text(wanted);
        if (got == nullptr) {
            out.difference = "the run has no such change";
        } else {
            out.run = state_text(got->state);
            out.at = *got;
            out.difference = difference(wanted, got->state, as_sets);
        }
        out_.rows.push_back(std::move(out));
    }

    void compare_changes(const RecordedStep& step) {
        std::vector<RecordedState> wanted;
        for (const RecordedState& change : step.changes)
            wanted.push_back(in_terms_of_run(change, terms_));
        for (std::size_t at = 0; at < wanted.size();) {
            const std::size_t race = race_length(wanted, at, last_recorded_);
            // Of a race the last one counts, and that the others are of the same kind.
            for (std::size_t k = 0; k + 1 < race && next_ < run_.changes.size(); ++k)
                ++next_;
            const bool there = next_ < run_.changes.size();
            row(step.name, wanted[at + race - 1], there ? &run_.changes[next_] : nullptr,
                terms_.as_sets || race > 1);
            next_ += there ? 1 : 0;
            at += race;
            last_recorded_ = wanted[at - 1];
        }
        if (wanted.empty())
            out_.rows.push_back({step.name, "no change", "", std::nullopt, ""});
    }

    void reach(const RecordedStep& step) {
        const RecordedState wanted = in_terms_of_run(*step.after, terms_);
        const RunChange* got = next_ == 0 ? &run_.initial : &run_.changes[next_ - 1];
        std::size_t at = next_;
        while (!difference(wanted, got->state, terms_.as_sets).empty() && at < run_.changes.size())
            got = &run_.changes[at++];
        const bool found = difference(wanted, got->state, terms_.as_sets).empty();
        if (found) {
            next_ = at;
        } else if (next_ < run_.changes.size()) {
            got = &run_.changes[next_++];
        }
        row(step.name, wanted, got, terms_.as_sets);
        last_recorded_ = wanted;
    }

    const RecordedStory& story_;
    const RunChanges& run_;
    StoryComparison out_;
    Terms terms_;
    RecordedState last_recorded_;
    std::size_t next_ = 0;
};

RunChange change_of(const Event& event, const PartitionChanged& body) {
    return {event.i, event.t, {body.leader, body.leader_epoch, body.partition_epoch, body.isr}};
}

}  // namespace

bool StoryComparison::same() const {
    return first_difference() == nullptr;
}

const ComparedRow* StoryComparison::first_difference() const {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [](const ComparedRow& row) { return !row.difference.empty(); });
    return found == rows.end() ? nullptr : &*found;
}

std::optional<TopicPartition> parse_recorded_partition(std::string_view text) {
    return parse_partition_name(text);
}

Result<RunChanges, TraceError> read_changes(std::istream& trace,
                                            const TopicPartition& p,
                                            std::optional<SimTime> from) {
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    RunChanges out;
    for (;;) {
        BSIM_TRY(const auto event, reader.next());
        if (!event)
            return out;
        const auto* change = as<PartitionChanged>(*event);
        if (change == nullptr || change->p != p)
            continue;
        const bool begins = from ? event->t < *from : change->reason == "created";
        if (begins) {
            out.exists = true;
            out.initial = change_of(*event, *change);
            out.changes.clear();
        } else if (out.exists) {
            out.changes.push_back(change_of(*event, *change));
        }
    }
}

Result<std::vector<TopicPartition>, TraceError> read_partitions(std::istream& trace) {
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    std::vector<TopicPartition> out;
    for (;;) {
        BSIM_TRY(const auto event, reader.next());
        if (!event)
            break;
        const auto* change = as<PartitionChanged>(*event);
        if (change != nullptr && change->reason == "created")
            out.push_back(change->p);
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

StoryComparison compare_story(const RecordedStory& story, const RunChanges& run) {
    return Comparing(story, run).take();
}

}  // namespace bsim
