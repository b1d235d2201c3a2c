#include "sim/storage/cached_file.h"

#include <algorithm>
#include <limits>

namespace bsim {
namespace {

void cut_layer(DirtyLayer& layer, std::uint64_t end) {
    take_range(layer.dirty, end, std::numeric_limits<std::uint64_t>::max());
    layer.size_before = std::min(layer.size_before, end);
}

}  // namespace

void CachedFile::cut_to(std::uint64_t end) {
    cut_layer(open, end);
    for (DirtyLayer& layer : on_the_way)
        cut_layer(layer, end);
    take_range(cold, end, std::numeric_limits<std::uint64_t>::max());
    size = end;
    written_end = std::min(written_end, end);
}

std::uint64_t CachedFile::forget_durable(SyncNumber durable) {
    std::uint64_t freed = 0;
    std::erase_if(on_the_way, [&](const DirtyLayer& layer) {
        if (layer.sync > durable)
            return false;
        for (const SavedBytes& saved : layer.saved)
            freed += saved.bytes.size();
        return true;
    });
    return freed;
}

}  // namespace bsim
