/*
 * Questions about a graph, answered by pure functions: no I/O, no process, no SQL.  Every
 * walk uses an explicit stack.  Results are plain arrays that the caller releases; one whose
 * computation failed is empty.
 */
#ifndef ANALYSIS_ANALYSIS_H
#define ANALYSIS_ANALYSIS_H

#include "analysis/collector.h"
#include "analysis/components.h"
#include "analysis/cycle_steps.h"
#include "analysis/dominators.h"
#include "analysis/expression.h"
#include "analysis/ledger.h"
#include "analysis/paths.h"
#include "analysis/reachability.h"
#include "analysis/release.h"
#include "analysis/shortest_cycle.h"

#endif
