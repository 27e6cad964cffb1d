#!/usr/bin/env bash
# A phase diagram on a SLURM cluster: a Dask scheduler and one worker a task, started by srun in one job.
#
#   sbatch --ntasks=34 examples/slurm.sh --k 50 --runs 40 --out runs/k50
#
# Two of the tasks are the scheduler and the command itself, the rest are workers of one core each. The folder is
# written by the command alone. A job that ends before the sweep does is submitted again and goes on where it stopped;
# `gradflow status runs/k50` tells how far it is.
#SBATCH --job-name=gradflow
#SBATCH --ntasks=34
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=3G
#SBATCH --time=04:00:00
set -euo pipefail

workers=$((SLURM_NTASKS - 2))
if [ "$workers" -lt 1 ]; then
    echo "at least three tasks are needed (scheduler, command, one worker), got $SLURM_NTASKS: sbatch --ntasks=3 $0 ..." >&2
    exit 2
fi
scheduler_file="$PWD/scheduler-$SLURM_JOB_ID.json"
# one core a worker, and programs compiled once for all of them
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
export JAX_COMPILATION_CACHE_DIR="${JAX_COMPILATION_CACHE_DIR:-$PWD/compiled-programs}"
export JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS=0 JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES=-1

trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -f "$scheduler_file"' EXIT
srun --ntasks=1 --exact dask scheduler --scheduler-file "$scheduler_file" --port 0 --no-dashboard &
until [ -s "$scheduler_file" ]; do sleep 0.5; done
srun --ntasks="$workers" --exact dask worker --scheduler-file "$scheduler_file" --nthreads 1 --no-dashboard &

gradflow phase-diagram --dask-scheduler-file "$scheduler_file" --plain "$@"
