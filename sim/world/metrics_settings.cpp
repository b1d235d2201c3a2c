#include "sim/world/metrics_settings.h"

#include "sim/node/wall_clock.h"
#include "sim/world/check_settings.h"

namespace bsim {

metrics::Settings metrics_settings(const Scenario& scenario) {
    const CheckSettings declared = declared_settings(scenario);
    metrics::Settings settings;
    settings.min_isr = declared.min_isr;
    settings.default_min_isr = declared.default_min_isr;
    settings.wall_start = wall_clock(SimTime());
    return settings;
}

}  // namespace bsim
