#include "sim/world/fault_driver.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/world/fault_table.h"

namespace bsim {
namespace {

// Times may lie so far apart that their sum is more than a SimTime can hold: never, then.
std::optional<SimTime> sum(SimTime time, SimDuration span) {
    std::int64_t ns = 0;
    if (__builtin_add_overflow(time.ns(), span.ns(), &ns))
        return std::nullopt;
    return SimTime(ns);
}

MakeStrike maker_of(const FaultSpec& spec) {
    for (const FaultRow& row : fault_table()) {
        if (row.kind == spec.kind)
            return row.make;
    }
    BSIM_CHECK(false);
}

std::string why_never(const FaultSpec& spec) {
    if (const auto* after = std::get_if<AfterTrigger>(&spec.trigger))
        return "the run ended before " + after->fault + (after->end ? " did" : " began");
    return std::holds_alternative<WhenTrigger>(spec.trigger)
               ? "its condition was never true for long enough"
               : "the run ended before its time";
}

}  // namespace

struct FaultDriver::Occurrence {
    std::size_t place = 0;
    std::shared_ptr<Strike> strike;
    FaultTargets targets;
    EventNumber began;
    EventId timer;
    std::optional<ConditionId> until;
    bool healing = false;
    bool open = true;
};

FaultDriver::Fault::Fault(const FaultSpec& of, const Rng& rng)
    : spec(of),
      jitter(rng.stream("fault/" + of.id + "/jitter")),
      chance(rng.stream("fault/" + of.id + "/probability")),
      duration(rng.stream("fault/" + of.id + "/for")),
      targets(rng.stream("fault/" + of.id + "/target")) {
    if (spec.duration)
        durations.emplace(*spec.duration);
}

FaultDriver::FaultDriver(FaultStage stage) : stage_(std::move(stage)) {
    std::map<std::string, std::size_t> places;
    for (const FaultSpec& spec : stage_.scenario.faults) {
        places[spec.id] = faults_.size();
        faults_.push_back(std::make_unique<Fault>(spec, stage_.rng));
    }
    for (std::size_t place = 0; place < faults_.size(); ++place) {
        if (const auto* after = std::get_if<AfterTrigger>(&faults_[place]->spec.trigger)) {
            Fault& awaited = *faults_[places.at(after->fault)];
            (after->end ? awaited.on_end : awaited.on_begin).push_back(place);
        }
    }
}

FaultDriver::~FaultDriver() = default;

void FaultDriver::start() {
    for (std::size_t place = 0; place < faults_.size(); ++place) {
        const FaultTrigger& trigger = faults_[place]->spec.trigger;
        if (const auto* at = std::get_if<AtTrigger>(&trigger)) {
            stage_.scheduler.at(at->at, [this, place] { occur(place, EventNumber{}); });
        } else if (const auto* when = std::get_if<WhenTrigger>(&trigger)) {
            wait_for(place, *when, false);
        }
    }
}

void FaultDriver::wait_for(std::size_t place, const WhenTrigger& trigger, bool anew) {
    stage_.conditions.add({trigger.when, trigger.hold, anew},
                          [this, place](EventNumber cause) { occur(place, cause); });
}

void FaultDriver::occur(std::size_t place, EventNumber cause) {
    Fault& fault = *faults_[place];
    if (fault.set_off == 0)
        fault.first = stage_.scheduler.now();
    ++fault.set_off;
    schedule_next(place);
    // Drawn always, so that what one occurrence decides shifts nothing for the next.
    const bool happens = fault.chance.chance(fault.spec.probability);
    std::optional<SimDuration> lasts;
    if (fault.durations)
        lasts = fault.durations->sample(fault.duration);
    if (happens)
        return strike(place, lasts, cause);
    skip(fault, "left out by its probability", cause);
    occurrence_over(place, cause);
}

void FaultDriver::schedule_next(std::size_t place) {
    Fault& fault = *faults_[place];
    const FaultRepeat& repeat = fault.spec.repeat;
    const auto count = repeat.total();
    if (count && fault.set_off >= *count)
        return;
    if (!repeat.every)
        return wait_for(place, std::get<WhenTrigger>(fault.spec.trigger), true);
    const SimDuration jitter(fault.jitter.between(0, repeat.jitter.ns()));
    std::int64_t offset = 0;
    if (__builtin_mul_overflow(repeat.every->ns(), fault.set_off, &offset))
        return;
    const auto regular = sum(fault.first, SimDuration(offset));
    const auto next = regular ? sum(*regular, jitter) : std::nullopt;
    if (!next)
        return;
    // After a long jitter, the one after may be due already.
    stage_.scheduler.at(std::max(*next, stage_.scheduler.now()),
                        [this, place] { occur(place, EventNumber{}); });
}

void FaultDriver::strike(std::size_t place,
                         const std::optional<SimDuration>& lasts,
                         EventNumber cause) {
    Fault& fault = *faults_[place];
    auto occurrence = std::make_shared<Occurrence>();
    occurrence->place = place;
    occurrence->strike = maker_of(fault.spec)(stage_, fault.targets, fault.spec);
    occurrence->strike->set_occurrence(fault.set_off);
    auto targets = occurrence->strike->aim();
    if (!targets) {
        skip(fault, targets.error(), cause);
        return occurrence_over(place, cause);
    }
    occurrence->targets = std::move(*targets);
    {
        CauseScope scope(stage_.tracer, cause);
        occurrence->began =
            stage_.tracer.emit(stage_.scheduler.now(), sim_,
                               FaultStarted{fault.spec.id, fault.spec.kind, occurrence->targets});
    }
    open_.push_back(occurrence);
    occurrence->strike->on_ended([this, weak = std::weak_ptr(occurrence)](EventNumber why) {
        if (const auto open = weak.lock())
            ended(open, why);
    });
    CauseScope scope(stage_.tracer, EventNumber{});
    occurrence->strike->begin(occurrence->began);
    if (!std::exchange(fault.began, true))
        set_off_after(fault.on_begin, occurrence->began);
    if (occurrence->open)
        arrange_end(occurrence, lasts);
}

void FaultDriver::arrange_end(const OccurrencePtr& occurrence,
                              const std::optional<SimDuration>& lasts) {
    const FaultSpec& spec = faults_[occurrence->place]->spec;
    const auto end = lasts ? sum(stage_.scheduler.now(), *lasts) : std::nullopt;
    if (end) {
        occurrence->timer =
            stage_.scheduler.at(*end, [this, occurrence] { heal(occurrence, std::nullopt); });
    }
    if (spec.until) {
        occurrence->until = stage_.conditions.add({*spec.until, SimDuration()},
                                                  [this, occurrence](EventNumber why) {
                                                      occurrence->until.reset();
                                                      heal(occurrence, why);
                                                  });
    }
}

void FaultDriver::heal(const OccurrencePtr& occurrence, std::optional<EventNumber> condition) {
    if (!occurrence->open || std::exchange(occurrence->healing, true))
        return;
    CauseScope scope(stage_.tracer, EventNumber{});
    const auto healed = occurrence->strike->heal();
    if (healed)
        ended(occurrence, condition.value_or(*healed));
}

void FaultDriver::ended(const OccurrencePtr& occurrence, EventNumber cause) {
    if (!std::exchange(occurrence->open, false))
        return;
    stage_.scheduler.cancel(occurrence->timer);
    if (occurrence->until)
        stage_.conditions.cancel(*occurrence->until);
    occurrence->strike->on_ended(nullptr);
    std::erase(open_, occurrence);
    const FaultSpec& spec = faults_[occurrence->place]->spec;
    EventNumber end;
    {
        CauseScope scope(stage_.tracer, cause);
        end = stage_.tracer.emit(stage_.scheduler.now(), sim_,
                                 FaultEnded{spec.id, spec.kind, occurrence->targets});
    }
    occurrence_over(occurrence->place, end);
}

void FaultDriver::occurrence_over(std::size_t place, EventNumber cause) {
    Fault& fault = *faults_[place];
    ++fault.over;
    if (fault.began && fault.over == fault.spec.repeat.total())
        set_off_after(fault.on_end, cause);
}

void FaultDriver::set_off_after(const std::vector<std::size_t>& places, EventNumber cause) {
    for (const std::size_t place : places) {
        const auto& trigger = std::get<AfterTrigger>(faults_[place]->spec.trigger);
        if (const auto at = sum(stage_.scheduler.now(), trigger.delay))
            stage_.scheduler.at(*at, [this, place, cause] { occur(place, cause); });
    }
}

void FaultDriver::skip(const Fault& fault, const std::string& why, EventNumber cause) {
    CauseScope scope(stage_.tracer, cause);
    stage_.tracer.emit(stage_.scheduler.now(), sim_, FaultSkipped{fault.spec.id, why});
}

void FaultDriver::finish() {
    for (const auto& fault : faults_) {
        if (fault->set_off == 0)
            skip(*fault, why_never(fault->spec), EventNumber{});
    }
}

}  // namespace bsim
