#include "sim/storage/known_names.h"

#include <algorithm>
#include <utility>

#include "sim/storage/disk.h"

namespace bsim {
namespace {

std::string_view name_in_parent(std::string_view path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace

const std::vector<std::string>* KnownNames::in(std::string_view dir) const {
    const auto it = dirs_.find(dir);
    return it == dirs_.end() ? nullptr : &it->second;
}

std::optional<bool> KnownNames::has(std::string_view path) const {
    if (dirs_.contains(path))
        return true;
    const std::vector<std::string>* const names = in(parent_path(path));
    if (names == nullptr || path.empty())
        return std::nullopt;
    return std::binary_search(names->begin(), names->end(), name_in_parent(path));
}

void KnownNames::made(const std::string& dir) {
    appeared(dir);
    dirs_[dir].clear();
}

void KnownNames::listed(const std::string& dir, std::vector<std::string> sorted) {
    dirs_[dir] = std::move(sorted);
}

void KnownNames::appeared(const std::string& path) {
    const auto parent = dirs_.find(parent_path(path));
    if (parent == dirs_.end() || path.empty())
        return;
    std::vector<std::string>& names = parent->second;
    const std::string_view name = name_in_parent(path);
    const auto at = std::lower_bound(names.begin(), names.end(), name);
    if (at == names.end() || *at != name)
        names.emplace(at, name);
}

void KnownNames::removed(const std::string& path) {
    dirs_.erase(path);
    const auto parent = dirs_.find(parent_path(path));
    if (parent != dirs_.end())
        std::erase(parent->second, name_in_parent(path));
}

void KnownNames::renamed(const std::string& from, const std::string& to) {
    if (from == to)
        return;
    std::vector<decltype(dirs_)::node_type> moved;
    if (dirs_.contains(from))
        moved.push_back(dirs_.extract(from));
    const std::string below = from + "/";
    for (auto at = dirs_.lower_bound(below); at != dirs_.end() && at->first.starts_with(below);)
        moved.push_back(dirs_.extract(at++));
    removed(from);
    removed(to);
    appeared(to);
    for (auto& node : moved) {
        node.key().replace(0, from.size(), to);
        dirs_.insert(std::move(node));
    }
}

}  // namespace bsim
